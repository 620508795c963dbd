"""The public registry of actions: what an adapter may be asked, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.test import RequestFactory

from clinic import rls
from rls_module.cases import access
from rls_module.host import ACTIONS

ROOT = Path(__file__).parents[3] / "rls_module"
DOORS = {"fetch", "patient", "listing", "may"}


def test_every_action_is_an_object_and_a_verb():
    for name, action in ACTIONS.items():
        subject, verb = name.split(".")
        assert name == action.name
        assert subject.replace("_", "").isalpha()
        assert verb.replace("_", "").isalpha()


def test_the_actions_that_the_gate_guards_are_the_ones_of_the_contract():
    """AN-11, part: host contract 4, marked with a star."""
    assert {name for name, action in ACTIONS.items() if action.gated} == {
        *("patient.break_glass", "plan.sign", "visit.sign", "visit.cosign", "visit.void", "addendum.sign"),
        *("export.patient", "export.create", "export.identified", "protocol.edit", "text.edit"),
        *("instrument.import", "instrument.retire", "licence.edit", "link.revoke_all"),
    }


def test_the_objects_that_have_no_patient_are_the_ones_of_the_contract():
    assert {name.split(".")[0] for name, action in ACTIONS.items() if not action.patient} == {
        *("export", "audit", "outcome", "protocol", "text", "instrument", "licence", "library", "policy"),
        *("competence", "cover", "queue", "link", "status"),
    }
    assert (ACTIONS["audit.report"].patient, ACTIONS["audit.view"].patient) == (True, False)
    assert (ACTIONS["export.patient"].patient, ACTIONS["export.create"].patient) == (True, False)
    assert (ACTIONS["link.show"].patient, ACTIONS["link.revoke_all"].patient) == (True, False)


def test_the_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        ACTIONS["chart.burn"] = ACTIONS["chart.view"]  # type: ignore[index]


def test_the_reference_host_grants_only_what_is_listed():
    granted = {name for names in rls.PATIENT_ACTIONS.values() for name in names}
    assert granted <= {name for name, action in ACTIONS.items() if action.patient}
    granted = {name for names in rls.CLINIC_ACTIONS.values() for name in names}
    assert granted <= {name for name, action in ACTIONS.items() if not action.patient}


def test_an_action_that_is_not_listed_raises_before_the_host_is_asked():
    """AZ-2, part: an unknown action raises."""
    with pytest.raises(KeyError):
        access.may(RequestFactory().get("/"), "chart.burn", object())


@pytest.mark.parametrize(("action", "patient"), [("chart.view", None), ("status.view", object())])
def test_an_action_asked_with_the_wrong_sort_of_object_raises(action, patient):
    with pytest.raises(KeyError, match="is asked with"):
        access.may(RequestFactory().get("/"), action, patient)


def test_every_action_that_a_page_asks_for_is_listed():
    asked = set()
    for path in (*ROOT.rglob("views.py"), *ROOT.rglob("views/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in DOORS:
                asked |= {
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    asked = {name for name in asked if "." in name}
    assert len(asked) > 8
    assert asked <= set(ACTIONS)

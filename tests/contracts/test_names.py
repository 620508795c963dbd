"""No model of ours says whose it is: str() and repr() end up in logs, admin logs, tracebacks and Celery."""

from __future__ import annotations

import ast

import pytest
from django.apps import apps

from tests.contracts.test_audit_rule import Sources, sources
from tests.contracts.test_matrix import CANARY, world
from tests.rls_module.host.pages import at

__all__ = ["at", "world"]


@pytest.mark.django_db
def test_no_row_names_anybody(world, record_property):
    """PV-2: every model that has a row of the marked patient, and most have."""
    seen = 0
    for model in apps.get_app_config("rls_module").get_models():
        for row in model._default_manager.all()[:20]:
            seen += 1
            assert "canary" not in f"{row} {row!r}".lower(), model.__name__
    assert CANARY.lower().startswith("canary")
    assert seen >= 60
    record_property("rows asked for their name", seen)


def patient_as_text(where: Sources) -> list[str]:
    """PV-2: the host's patient as text; the adapter names the patient, and str() may say anything."""
    return [
        f"{module}:{node.lineno}"
        for module, source in where.items()
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Call) and _is_text(node.func) and any(_is_patient(one) for one in node.args))
        or (isinstance(node, ast.FormattedValue) and _is_patient(node.value))
    ]


def _is_text(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id in ("str", "repr", "format")


def _is_patient(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "patient") or (
        isinstance(node, ast.Name) and node.id in ("patient", "person")
    )


def test_the_hosts_patient_is_never_written_as_text():
    """PV-2: the lint."""
    found = patient_as_text(sources())
    assert [one for one in found if not one.startswith("rls_module.audit.log:")] == []


@pytest.mark.parametrize("line", ["str(chart.patient)", "f'{chart.patient}'", "repr(patient)"])
def test_a_breach_is_found(line):
    """PV-2: seeded violations."""
    assert patient_as_text({"rls_module.cases.queries": f"def say(chart, patient):\n    return {line}"}) != []

"""What is written never points at somebody else's row: relations are keys of the parent's own rows, or refused."""

from __future__ import annotations

import ast

import pytest

from rls_module.plans.models import Goal, Plan
from tests import factories as make
from tests.contracts.test_audit_rule import Sources, sources
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]

# Fields that would look a typed key up among all rows of a table.
UNSCOPED = {
    *("ModelChoiceField", "ModelMultipleChoiceField", "ModelForm", "modelform_factory", "modelformset_factory"),
    *("PrimaryKeyRelatedField", "SlugRelatedField", "HyperlinkedRelatedField", "ModelSerializer"),
}
BREACHES = [
    ("rls_module.plans.forms", "class Sheet(forms.Form):\n    case = forms.ModelChoiceField(Case.objects.all())"),
    ("rls_module.visits.forms", "class Note(forms.ModelForm):\n    pass"),
    ("rls_module.api.shapes", "class Leak(serializers.ModelSerializer):\n    pass"),
]


def unscoped(where: Sources) -> list[str]:
    """AZ-4: forms and serializers whose relations are not scoped to the request and the parent."""
    return [
        f"{module}:{node.lineno}"
        for module, source in where.items()
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr in UNSCOPED)
        or (isinstance(node, ast.Name) and node.id in UNSCOPED)
    ]


def test_no_form_and_no_serializer_looks_a_key_up_by_itself(record_property):
    """AZ-4, AZ-13: the walk over every one."""
    assert unscoped(sources()) == []
    record_property("seeded violations", len(BREACHES))


@pytest.mark.parametrize(("module", "lines"), BREACHES)
def test_a_breach_is_found(module, lines):
    """AZ-4: seeded violations."""
    where = sources()
    name = next(one for one in where if one == module or one.startswith(f"{module}."))
    assert unscoped({**where, name: f"{where[name]}\n\n{lines}\n"}) != []


@pytest.fixture
def cases(at):
    """Two patients of one therapist: nothing but the parent keeps them apart."""
    user = make.therapist()
    mine, other = make.case(user), make.case(user)
    for one in (mine, other):
        make.baseline(one, user)
    return user, mine, other


@pytest.mark.both
@pytest.mark.django_db
def test_another_cases_activity_is_as_unknown_as_none_at_all(cases):
    """AZ-4, AZ-6: own parent, foreign child; the same answer as for a key that nobody has, and nothing is stored."""
    user, mine, other = cases
    client = signed_in(user)
    client.post(f"/rls/cases/{mine.uuid}/plan/", {"do": "begin"})
    plan = Plan.objects.get()
    foreign = str(other.activities.get().uuid)
    answers = []
    for key in (foreign, "0189f7a2-3c4d-4e5f-8a9b-0c1d2e3f4a5b"):
        sheet = {
            "version": plan.version,
            "do": "save",
            "goal-TOTAL_FORMS": "1",
            "goal-INITIAL_FORMS": "0",
            "goal-0-activity": key,
            "intervention-TOTAL_FORMS": "0",
            "intervention-INITIAL_FORMS": "0",
        }
        response = client.post(f"/rls/plans/{plan.uuid}/", sheet)
        answers.append((response.status_code, Page(response).words.replace(key, "-")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert not Goal.objects.exists()

"""A plan that begins from a template of the clinic."""

from __future__ import annotations

import pytest

from rls_module.library import actions as library_actions
from rls_module.library import queries as library_queries
from rls_module.plans import actions, queries
from rls_module.plans.models import Plan
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    library_actions.install_plan_templates(scope="riverside", actor=make.actor(user), now=make.NOW)
    return make.case(user)


def begin(client, case, template: str):
    return client.post(f"/rls/cases/{case.uuid}/plan/", {"do": "begin", "template": template})


def test_a_plan_begins_from_a_template_aimed_at_what_was_found(client, case, user):
    point = {"place": "er-pe", "place_kind": "point", "side": "R", "kind": "dense", "grade": 3}
    band = {"place": "soleus", "place_kind": "muscle", "side": "L", "kind": "trigger_point", "grade": 2}
    calf = {"place": "calf", "place_kind": "region", "side": "L", "kind": "urge"}
    fine = {"place": "er-ta", "place_kind": "point", "side": "R", "kind": "dense", "grade": 0}
    make.assessment(case, user, found=[band, band, point, calf, fine])
    assert "Fascial-led" in Page(client.get(f"/rls/cases/{case.uuid}/plan/")).words
    assert begin(client, case, "combined").status_code == 302
    plan = Plan.objects.get(draft_key=case.pk)
    assert (plan.times_per_week, plan.weeks, plan.planned_sessions) == (2, 6, 10)
    assert plan.review_on == make.TODAY + make.days(42)
    assert (plan.template_key, plan.template_version, plan.is_precautions_reviewed) == ("combined", 1, False)
    assert [(one.modality, one.targets) for one in queries.content(plan).interventions] == [
        ("needling", [{"kind": "muscle", "key": "soleus", "side": "L"}]),
        ("fascial", [{"kind": "point", "key": "er-pe", "side": "R"}]),
        ("exercise", [{"kind": "region", "key": "calf", "side": "L"}]),
        ("education", []),
    ]
    page = Page(client.get(f"/rls/plans/{plan.uuid}/"))
    assert page.sends["intervention-2-targets"] == ["Calf l"]


def test_a_later_edit_of_the_template_reaches_no_plan(client, case, user):
    begin(client, case, "needling_led")
    row = library_queries.plan_template("riverside", "needling_led")
    library_actions.save_plan_template(template=row, seen=1, values={"weeks": 3}, actor=make.actor(user))
    plan = Plan.objects.get(draft_key=case.pk)
    assert (plan.weeks, plan.template_version) == (6, 1)


def test_a_change_from_a_template_keeps_goals_and_what_the_patient_needs(client, case, user):
    make.plan(case, user, precautions="Faints easily.")
    begin(client, case, "fascial_led")
    plan = Plan.objects.get(draft_key=case.pk)
    assert [goal.text for goal in queries.content(plan).goals] == ["sit through a film"]
    known, added = plan.precautions.split("\n")
    assert known == "Faints easily."
    assert added.startswith("Skin and veins")
    assert (plan.weeks, plan.number) == (8, 2)


@pytest.mark.parametrize("template", ["nothing_such", "combined"])
def test_a_template_that_is_not_offered_is_refused_in_words(client, case, user, template):
    row = library_queries.plan_template("riverside", "combined")
    library_actions.retire_plan_template(template=row, seen=1, reason="x", actor=make.actor(user), now=make.NOW)
    response = begin(client, case, template)
    assert response.status_code == 422
    assert "Select a valid choice." in Page(response).words
    assert not Plan.objects.exists()


def test_a_template_is_no_way_into_a_draft_that_is_there(case, user):
    draft = make.plan_draft(case, user)
    row = library_queries.plan_template("riverside", "combined")
    again = actions.open_draft(case=case, actor=make.actor(user), now=make.NOW, template=row, on=make.TODAY)
    assert (again, again.template_key) == (draft, "")

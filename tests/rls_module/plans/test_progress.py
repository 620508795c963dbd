"""How far a plan is: visits counted from signed notes, and the re-assessment at half and at the end."""

from __future__ import annotations

import pytest

from rls_module.library import actions as library_actions
from rls_module.plans import actions
from rls_module.plans.models import Plan
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

HALF = "re-assessment at half is due"


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    return make.case(user)


def words(client, address: str) -> str:
    return Page(client.get(address)).words


def pages(client, case) -> tuple[str, str, str]:
    """The plan's page, the chart and the worklist."""
    return (
        words(client, f"/rls/cases/{case.uuid}/plan/"),
        words(client, f"/rls/charts/{case.chart.uuid}/"),
        words(client, "/rls/"),
    )


def test_signed_visits_are_counted_and_drafts_are_not(client, case, user):
    make.plan(case, user)
    make.signed(case, user)
    make.draft(case, user, on=make.TODAY)
    plan, chart, worklist = pages(client, case)
    assert "1 of 9 visits done" in plan
    assert "1 of 9 visits" in chart
    assert "To re-assess" not in worklist


def test_half_of_the_visits_asks_for_a_reassessment_until_one_is_made(client, case, user, at):
    make.plan(case, user)
    for number in range(5):
        make.signed(case, user, on=make.TODAY + make.days(number))
    at(make.NOW + make.days(8))
    plan, chart, worklist = pages(client, case)
    assert "Half of this plan was reached on Sept. 11, 2026: time to re-assess." in plan
    assert HALF in chart
    assert HALF in worklist
    make.assessment(case, user, now=make.NOW + make.days(8))
    plan, chart, worklist = pages(client, case)
    assert "time to re-assess" not in plan
    assert HALF not in chart
    assert "To re-assess" not in worklist


def test_the_end_asks_again_and_only_while_the_plan_runs(client, case, user, at):
    make.assessment(case, user)
    row = make.plan(case, user)
    at(make.NOW + make.days(42))
    plan, _chart, worklist = pages(client, case)
    assert "The end of this plan was reached on Oct. 19, 2026" in plan
    assert "re-assessment at the end is due" in worklist
    actions.change_status(plan=row, seen=row.version, to="on_hold", reason="Away.", actor=make.actor(user))
    plan, _chart, worklist = pages(client, case)
    assert "The end of this plan" not in plan
    assert "To re-assess" not in worklist


def test_the_clinics_weeks_come_first_where_they_are_fewer(client, case, user, at):
    make.plan(case, user, weeks=12, planned_sessions=24)
    library_actions.save_policy(
        scope="riverside", seen=1, values={"reassess_weeks": 3}, actor=make.actor(user), now=make.NOW
    )
    at(make.NOW + make.days(21))
    assert HALF in pages(client, case)[1]


def test_a_change_goes_on_counting_and_a_plan_after_an_end_begins_anew(client, case, user, at):
    make.plan(case, user)
    make.signed(case, user)
    make.plan(case, user, planned_sessions=12)
    assert "1 of 12 visits done" in pages(client, case)[0]
    row = Plan.objects.get(running_key=case.pk)
    actions.change_status(plan=row, seen=row.version, to="completed", reason="Done.", actor=make.actor(user))
    at(make.NOW + make.days(30))
    make.plan(case, user, now=make.NOW + make.days(30))
    assert "0 of 9 visits done" in pages(client, case)[0]


def test_a_colleagues_plan_is_not_on_my_worklist(case, user, at):
    make.plan(case, user)
    at(make.NOW + make.days(42))
    colleague = make.therapist()
    case.chart.patient.therapists.add(colleague)
    assert "To re-assess" not in words(signed_in(colleague), "/rls/")

"""The home programme: prescribed, stopped, handed out in the patient's language, and asked about in the check-in."""

from __future__ import annotations

import pytest

from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.library import actions as library_actions
from rls_module.plans import actions, queries
from rls_module.plans.models import Prescription
from tests import factories as make
from tests.rls_module.host.pages import Page, signed_in

pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

DOSE = {"name": "calf raise", "sets": "3", "reps": "12", "days_per_week": "5"}


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def case(user):
    library_actions.install_exercises(scope="riverside", actor=make.actor(user), now=make.NOW)
    return make.case(user)


def prescribe(client, case, **changes):
    return client.post(f"/rls/cases/{case.uuid}/programme/", DOSE | changes)


def test_an_exercise_of_the_library_is_prescribed_by_its_name(client, case):
    assert prescribe(client, case).status_code == 302
    row = Prescription.objects.get()
    assert (row.exercise.key, row.started_on, row.days_per_week) == ("calf_raise", make.TODAY, 5)
    assert "3 sets, 12 repetitions, 5 days a week" in Page(client.get(f"/rls/cases/{case.uuid}/programme/")).words


def test_an_exercise_in_own_words_is_prescribed_too(client, case):
    prescribe(client, case, name="Walk the dog backwards", sets="", reps="", minutes="10")
    assert Prescription.objects.get().exercise is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"sets": "", "reps": ""}, "Say how much"),
        ({"days_per_week": "8"}, "less than or equal to 7"),
        ({"reps": "many"}, "Enter a whole number."),
    ],
)
def test_a_dose_that_cannot_be_is_refused_in_words(client, case, changes, words):
    response = prescribe(client, case, **changes)
    assert response.status_code == 422
    assert words in Page(response).words
    assert not Prescription.objects.exists()


def test_an_exercise_is_stopped_with_its_reason_and_stays_on_record(client, case):
    prescribe(client, case)
    row = Prescription.objects.get()
    address = f"/rls/prescriptions/{row.uuid}/stop/"
    assert client.post(address, {"reason": "", "version": row.version}).status_code == 422
    assert client.post(address, {"reason": "hurts", "version": row.version}).status_code == 302
    assert client.post(address, {"reason": "again", "version": row.version}).status_code == 409
    page = Page(client.get(f"/rls/cases/{case.uuid}/programme/"))
    assert "Nothing is prescribed." in page.words
    assert "hurts" in page.words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Your exercises", "Rise over the big toe", "3 sets, 12 repetitions, 5 days a week"]),
        ("es", ["Sus ejercicios", "Suba sobre el dedo gordo", "3 series, 12 repeticiones, 5 días por semana"]),
    ],
)
def test_the_handout_speaks_the_patients_language(user, client, language, words):
    library_actions.install_exercises(scope="riverside", actor=make.actor(user), now=make.NOW)
    case = make.case(user, make.patient(user, language=language))
    prescribe(client, case, cues="Only the left one.")
    plan = make.plan(case, user)
    page = Page(client.get(f"/rls/plans/{plan.uuid}/handout/"))
    assert [one for one in words if one not in page.words] == []
    assert "Only the left one." in page.words
    assert "555-0100" in page.words, "the clinic's contact stands on every handout"
    assert "estless" not in page.words


def facts(case, **began) -> dict:
    row = Occurrence.objects.filter(enrolment__case=case).order_by("due_at").first()
    for name, value in began.items():
        setattr(row, name, value)
    return followup_queries.facts_of(row)


def test_the_check_in_asks_about_home_days_only_while_a_programme_runs(user):
    case = make.planned(user)
    assert (facts(case)["home_programme"], facts(case)["planned_days"]) == (False, None)
    row = make.prescription(case, user)
    make.prescription(case, user, days_per_week=3)
    assert (facts(case)["home_programme"], facts(case)["planned_days"]) == (True, 5)
    actions.stop(prescription=row, seen=1, reason="done", on=make.TODAY, actor=make.actor(user))
    assert facts(case)["planned_days"] == 3


def test_a_form_that_was_begun_keeps_the_programme_of_its_day(user):
    """Nothing changes under a form that is half answered."""
    case = make.planned(user)
    row = make.prescription(case, user)
    begun_at = make.NOW + make.days(42)
    actions.stop(prescription=row, seen=1, reason="new dose", on=begun_at.date() + make.days(1), actor=make.actor(user))
    assert facts(case, begun_at=begun_at)["planned_days"] == 5
    assert facts(case)["planned_days"] is None


def test_what_was_done_at_home_comes_back_to_the_plan_page(client, user):
    """Issue: adherence asked in follow-ups flows back; the days planned are those of that time."""
    case = make.planned(user)
    make.plan(case, user)
    row = make.prescription(case, user)
    first, second = Occurrence.objects.filter(enrolment__case=case).order_by("due_at")[:2]
    make.answered(first, now=first.due_at, home_days=2, home_barrier=["hurt", "time"])
    actions.stop(prescription=row, seen=1, reason="less", on=first.due_at.date() + make.days(1), actor=make.actor(user))
    make.prescription(case, user, on=first.due_at.date() + make.days(1), days_per_week=3)
    make.answered(second, now=second.due_at, home_days=3)
    words = Page(client.get(f"/rls/cases/{case.uuid}/plan/")).words
    assert "3 of 3 planned days Oct. 19, 2026: 2 of 5 planned days (" in words


def test_a_leg_medicine_opens_the_question_about_more_of_it(user):
    case = make.planned(user)
    assert facts(case)["dopaminergic"] is False
    make.medicine(case, user)
    assert facts(case)["dopaminergic"] is True


def test_a_programme_of_nobody_has_no_days(user, case):
    assert queries.planned_days(case) is None

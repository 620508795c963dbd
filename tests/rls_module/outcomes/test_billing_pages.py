"""The biller's pages: codes, units, minutes and who signed; no word of what was found or done."""

from __future__ import annotations

import pytest

from rls_module.audit.models import AuditEvent
from tests import factories as make
from tests.contracts import narrower
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

WORDS = {
    name: f"canary {name}"
    for name in ("reaction_note", "safety_note", "findings", "discrepancy_note", "response", "next_time")
}
DAYS = "first=2026-09-01&last=2026-09-30"


def worked(user, *, on=make.TODAY, case=None, **values):
    exercises = [make.exercise(name="Canary calf raise", minutes=12, code="97110", note="canary row")]
    rows = {"points": [make.point(minutes=18)], "exercises": exercises, "timed_minutes": 30, "total_minutes": 45}
    return make.signed(case or make.case(user), user, on=on, **(WORDS | rows | values))


@pytest.fixture
def therapist():
    return make.therapist()


@pytest.fixture
def client(therapist):
    return signed_in(therapist)


def test_signed_visits_are_listed_with_codes_units_and_minutes_and_without_clinical_text(client, therapist):
    """AZ-1, part: BI reads units and signed status; no clinical text, no name of a muscle, a point, an exercise."""
    visit = worked(therapist)
    for address in (f"/rls/billing/?{DAYS}", f"/rls/charts/{visit.chart.uuid}/billing/"):
        response = client.get(address)
        words = Page(response).words
        assert visit.chart.patient.full_name in words
        assert "Dana Whitfield" in words
        assert "97140" in words
        lowered = response.content.decode().casefold()
        for word in ("canary", "soleus", "er-pe", "calf", "twitch", "fascial manipulation"):
            assert word not in lowered, (address, word)


def test_the_list_has_one_line_a_visit(client, therapist):
    visit = worked(therapist)
    make.notice(visit.case, therapist)
    words = Page(client.get(f"/rls/billing/?{DAYS}")).words
    name, ref = visit.chart.patient.full_name, visit.chart.patient.record_number
    line = f"Sept. 7, 2026 {name} {ref} Dana Whitfield PT 97110 × 1, 97140 × 1, 20560 × 1 30 45"
    assert line in words


def test_one_patients_page_shows_the_arithmetic(client, therapist):
    visit = worked(therapist, timed_minutes=31)
    words = Page(client.get(f"/rls/charts/{visit.chart.uuid}/billing/")).words
    assert "Visit of Sept. 7, 2026" in words
    assert "(30 + 7) ÷ 15, rounded down, is 2." in words
    assert "The rows add up to 30 timed minutes, the note says 31." in words


def test_drafts_and_visits_of_other_days_are_not_listed(client, therapist):
    case = make.case(therapist)
    make.draft(case, therapist, on=make.TODAY)
    worked(therapist, case=case, on=make.TODAY - make.days(40))
    assert "No signed visit in these days." in Page(client.get("/rls/billing/")).words
    assert "Visit of Sept. 7" not in Page(client.get(f"/rls/charts/{case.chart.uuid}/billing/")).words


def test_only_patients_whose_billing_may_be_seen_are_listed_and_each_is_on_record(client, therapist, settings):
    """AZ-5, AU-1: a colleague's patient is not listed; what is listed is one read a patient."""
    own, others = worked(therapist), worked(make.therapist())
    words = Page(client.get(f"/rls/billing/?{DAYS}")).words
    assert own.chart.patient.full_name in words
    assert others.chart.patient.full_name not in words
    reads = AuditEvent.objects.filter(verb="billing.view", outcome="done")
    assert [(one.patient, one.object_kind) for one in reads] == [(str(own.chart.patient_id), "visit list")]
    settings.RLS_MODULE = settings.RLS_MODULE | {"ADAPTER": f"{narrower.__name__}.Narrower"}
    with narrower.without("billing.view"):
        assert own.chart.patient.full_name not in Page(client.get(f"/rls/billing/?{DAYS}")).words
        assert client.get(f"/rls/charts/{own.chart.uuid}/billing/").status_code == 404


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("first=2026-09-30&last=2026-09-01", "This is before the day it begins."),
        ("first=2025-01-01&last=2026-09-01", "Choose a year at most."),
        ("first=&last=2026-09-01", "This field is required."),
        ("first=soon&last=2026-09-01", "Enter a valid date."),
        ("nonsense=1", "This field is required."),
    ],
)
def test_days_that_cannot_be_are_refused_at_the_field(client, days, words):
    response = client.get(f"/rls/billing/?{days}")
    assert response.status_code == 422
    assert words in Page(response).words


def test_the_list_takes_as_many_queries_for_many_visits_as_for_one(client, therapist, django_assert_max_num_queries):
    worked(therapist)
    client.get(f"/rls/billing/?{DAYS}")
    with django_assert_max_num_queries(40) as one:
        client.get(f"/rls/billing/?{DAYS}")
    case = make.case(therapist)
    for day in range(1, 11):
        worked(therapist, case=case, on=make.TODAY + make.days(day))
    with django_assert_max_num_queries(len(one) + 3):  # the second patient is asked about
        words = Page(client.get(f"/rls/billing/?{DAYS}")).words
    assert words.count("97110 × 1") == 11

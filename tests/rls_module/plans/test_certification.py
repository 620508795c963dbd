"""Certification of a plan: its dates are kept, and what is due is said where it is seen."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.library import actions as library_actions
from rls_module.library import queries as library
from rls_module.plans import actions, queries
from rls_module.plans.models import CertificationDate
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

SHEET = {
    "kind": "certified",
    "happened_on": "2026-09-07",
    "party": "Dr Lindqvist",
    "holds_until": "2026-11-30",
    "visits": "12",
}


@pytest.fixture
def therapist():
    return make.therapist()


@pytest.fixture
def case(therapist):
    case = make.case(therapist)
    make.plan(case, therapist, diagnosis="canary diagnosis")
    return case


@pytest.fixture
def client(therapist):
    return signed_in(therapist)


def address(case) -> str:
    return f"/rls/cases/{case.uuid}/certification/"


def said(case, *, after: float = 0) -> list[tuple[str, str]]:
    found = queries.due_in_words(case, today=make.TODAY + make.days(after))
    return [(one["words"], one["tag"] if one["is_near"] else "") for one in found]


def test_a_date_is_recorded_and_what_is_due_follows_from_it(client, case, therapist):
    """Decisions 12.8: sent, signed, due, visits authorised; domain 5.7."""
    assert "Nothing before the first treatment." in Page(client.get(address(case))).words
    make.signed(case, therapist)
    words = Page(client.get(address(case))).words
    assert "The plan is to be certified by Oct. 7, 2026." in words
    assert "A progress report is due in 9 treatment days." in words
    assert client.post(address(case), SHEET).status_code == 302
    words = Page(client.get(address(case))).words
    assert "The plan is to be certified again by Nov. 30, 2026." in words
    assert "11 authorised visits are left." in words
    assert "Sept. 7, 2026 certified Dr Lindqvist Nov. 30, 2026 12 Dana Whitfield" in words
    assert "canary" not in words
    event = AuditEvent.objects.get(verb="billing.edit", object_kind="certificationdate")
    assert (event.outcome, event.fields) == ("done", ["happened_on", "holds_until", "kind", "party", "visits"])


def test_what_is_near_or_over_is_said_on_the_note_and_on_the_plan(client, case, therapist):
    make.signed(case, therapist)
    early = make.draft(case, therapist, on=make.TODAY + make.days(10))
    late = make.draft(case, therapist, on=make.TODAY + make.days(31))
    due = "The plan is to be certified by Oct. 7, 2026."
    assert due not in Page(client.get(f"/rls/visits/{early.uuid}/")).words
    assert f"{due} overdue" in Page(client.get(f"/rls/visits/{late.uuid}/")).words
    assert due in Page(client.get(f"/rls/cases/{case.uuid}/plan/")).words


def test_a_progress_report_is_due_every_ten_treatment_days(case, therapist):
    for number in range(10):
        make.signed(case, therapist, on=make.TODAY + make.days(number))
    assert said(case)[1] == ("A progress report is due in 0 treatment days.", "now")
    make.certification_date(queries.running(case), therapist, kind="report", now=make.NOW + make.days(8), party="")
    assert said(case)[1] == ("A progress report is due in 9 treatment days.", "")


def test_the_intervals_are_the_clinics(case, therapist):
    make.signed(case, therapist)
    shipped = library.billing_table("riverside")
    values = {"codes": shipped.codes, "kinds": shipped.kinds, "certify_days": 14, "report_visits": 3}
    library_actions.write_billing_table(
        scope="riverside", seen=0, values=values, reason="Ours.", actor=make.actor(therapist), now=make.NOW
    )
    assert said(case) == [
        ("The plan is to be certified by Sept. 21, 2026.", "soon"),
        ("A progress report is due in 2 treatment days.", "soon"),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "This field is required."),
        ({"happened_on": "2026-09-08"}, "This day has not come yet."),
        ({"holds_until": "2026-09-01"}, "This is before the day it begins."),
        ({"kind": "sent"}, "This belongs to a certification only."),
        ({"visits": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_date_that_cannot_be_is_refused_and_stays_on_the_page(client, case, changes, words):
    response = client.post(address(case), SHEET | changes)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends["party"] == ["Dr Lindqvist"]
    assert not CertificationDate.objects.exists()


def test_without_a_signed_plan_there_is_nothing_to_certify(client, therapist):
    case = make.case(therapist)
    draft = make.plan_draft(case, therapist)
    assert "No plan runs." in Page(client.get(address(case))).words
    assert client.post(address(case), SHEET).status_code == 409
    with pytest.raises(actions.NoPlan):
        make.certification_date(draft, therapist)


def test_a_date_is_kept_for_good(case, therapist):
    """DI-3, part."""
    row = make.certification_date(queries.running(case), therapist)
    for change in (lambda: CertificationDate.objects.filter(pk=row.pk).update(party="me"), row.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

"""Financial notices: signed before needling, kept for good, and missed where none stands."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.library import actions as library_actions
from rls_module.library import queries as library
from rls_module.visits import queries
from rls_module.visits.models import FinancialNotice
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]

SHEET = {"kind": "self_pay", "amount": "$45 a session", "signed_on": "2026-09-07", "holds_until": ""}
MISSED = "Where the patient pays, have a notice signed before needling."


@pytest.fixture
def therapist():
    return make.therapist()


@pytest.fixture
def case(therapist):
    return make.case(therapist)


@pytest.fixture
def client(therapist):
    return signed_in(therapist)


def test_a_note_warns_before_needling_until_a_notice_is_on_record(client, case, therapist):
    """Decisions 12.7: record a financial notice, and warn before needling without one."""
    visit = make.draft(case, therapist)
    page = f"/rls/visits/{visit.uuid}/"
    assert MISSED in Page(client.get(page)).words
    way = client.post(page, Page(client.get(page)).sends | {"do": ["notice"]})
    assert way.headers["Location"] == f"/rls/charts/{case.chart.uuid}/notices/"
    assert client.post(way.headers["Location"], SHEET).status_code == 302
    assert MISSED not in Page(client.get(page)).words
    words = Page(client.get(way.headers["Location"])).words
    assert "Sept. 7, 2026 the patient pays for needling $45 a session" in words
    event = AuditEvent.objects.get(verb="notice.create", object_kind="financialnotice")
    assert (event.outcome, event.fields) == ("done", ["amount", "holds_until", "kind", "signed_on"])


def test_a_clinic_that_wants_no_notice_is_not_warned(client, case, therapist):
    shipped = library.billing_table("riverside")
    values = {"codes": shipped.codes, "kinds": shipped.kinds, "warns_without_notice": False}
    library_actions.write_billing_table(
        scope="riverside", seen=0, values=values, reason="No.", actor=make.actor(therapist), now=make.NOW
    )
    assert MISSED not in Page(client.get(f"/rls/visits/{make.draft(case, therapist).uuid}/")).words


@pytest.mark.parametrize(
    ("told", "on", "stands"),
    [
        ([], date(2026, 9, 7), False),
        ([{}], date(2026, 9, 6), False),
        ([{}], date(2027, 9, 7), True),
        ([{"holds_until": date(2026, 9, 30)}], date(2026, 9, 30), True),
        ([{"holds_until": date(2026, 9, 30)}], date(2026, 10, 1), False),
        ([{}, {"holds_until": date(2026, 9, 8)}], date(2026, 9, 9), False),
    ],
)
def test_the_last_notice_signed_by_a_day_stands_until_its_end(case, therapist, told, on, stands):
    for values in told:
        make.notice(case, therapist, **values)
    assert (queries.standing_notice(queries.notices(case.chart), on) is not None) is stands
    assert queries.lacks_notice(case.chart, on) is not stands


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "This field is required."),
        ({"amount": ""}, "Write what the patient was told to pay."),
        ({"signed_on": "2026-09-08"}, "This day has not come yet."),
        ({"holds_until": "2026-09-01"}, "This is before the day it begins."),
        ({"amount": "x" * 61}, "at most 60 characters"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_and_stays_on_the_page(client, case, changes, words):
    response = client.post(f"/rls/charts/{case.chart.uuid}/notices/", SHEET | changes)
    assert response.status_code == 422
    page = Page(response)
    assert words in page.words
    assert page.sends.get("amount", [""]) == [(SHEET | changes)["amount"]]
    assert not FinancialNotice.objects.exists()


def test_a_notice_is_kept_for_good(case, therapist):
    """DI-3, part: what was signed is neither changed nor removed."""
    row = make.notice(case, therapist)
    for change in (lambda: FinancialNotice.objects.filter(pk=row.pk).update(amount="$0"), row.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert FinancialNotice.objects.get().amount == "$45 a session"


def test_the_biller_sees_which_needling_had_no_notice(client, case, therapist):
    make.signed(case, therapist)
    address = f"/rls/charts/{case.chart.uuid}/billing/"
    assert "needled without a financial notice" in Page(client.get(address)).words
    make.notice(case, therapist)
    assert "needled without a financial notice" not in Page(client.get(address)).words

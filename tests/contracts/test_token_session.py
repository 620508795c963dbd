"""What the holder of one patient's link can reach besides that one form: nothing."""

from __future__ import annotations

import pytest

from rls_module.followups.models import Occurrence
from tests import factories as make
from tests.contracts.filled import fill
from tests.contracts.knocking import is_open, knock
from tests.contracts.matrix import ADMIN, DOORS
from tests.contracts.test_matrix import CANARY, world
from tests.rls_module.host.pages import at
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import Phone, link

__all__ = ["at", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]

CANARIES = tuple(f"canary{number} sings" for number in range(40))


def test_a_sitting_opens_no_door_of_staff_and_no_other_form(world, record_property):
    """TK-4: every staff page, API and admin door, and another form of the same patient and of a stranger."""
    _users, keys = world
    own = make.planned(make.therapist())
    other = make.planned(make.therapist())
    phone, asked, later, foreign = begun(own, other)
    opened = [door.address for door in (*DOORS, *ADMIN) if is_open(knock(phone.client, door, keys))]
    assert opened == []
    for selector in (later.selector, foreign.selector):
        assert phone.get(f"/q/{selector}/?page=nights").status == 404
        assert phone.get(link(asked).replace(asked.selector, selector)).status == 404
        assert phone.get(link(asked, "unsubscribe").replace(asked.selector, selector)).status == 404
    assert phone.get(f"/q/{asked.selector}/?page=nights").status == 200, "its own is open all the while"
    record_property("doors that a sitting knocked at", len(DOORS) + len(ADMIN))


def begun(own, other) -> tuple[Phone, Occurrence, Occurrence, Occurrence]:
    from tests import clock

    clock.put(DUE)
    asked, later = (Occurrence.objects.get(chart=own.chart, step=step) for step in ("week_6", "week_12"))
    phone = Phone()
    phone.start(asked)
    return phone, asked, later, Occurrence.objects.get(chart=other.chart, step="week_6")


def test_no_page_of_a_form_holds_a_word_of_the_record(world):
    """TK-4: with every text field of every table a canary, but the clinic and what is asked with."""
    own = make.planned(make.therapist())
    phone, asked, _later, _foreign = begun(own, make.planned(make.therapist()))
    fill(CANARIES, but=["Clinic", "MailText", "Occurrence", "ProtocolVersion", "Touchpoint", "ImportedInstrument"])
    phone.answer_until("review")
    phone.press("send")
    phone.get(link(asked, "unsubscribe"))
    assert len(phone.pages) > 12
    told = [
        (page.url, word) for page in phone.pages for word in ("canary", CANARY.lower()) if word in page.html.lower()
    ]
    assert told == []

"""An intake sent ahead: asked for, answered on the phone, gone through in the room, read by the criteria."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from rls_module.cases.models import Response, Task
from rls_module.followups import actions
from rls_module.intake import queries
from rls_module.knowledge.instruments import loading
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in
from tests.rls_module.intake.ahead import said
from tests.rls_module.surveys.phone import Phone

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

MIXED = said(long={"onset": "about 70", "five": "yes", "year": "n4"}, safety={"flags": ["weight"]})


@pytest.fixture
def case(at):
    opened = make.case(make.therapist())
    make.protocol(opened.chart.scope)
    return opened


def mailed(smtp_server) -> tuple[str, str]:
    """The text of the one mail that went out, and the path of the link in it."""
    [mail] = smtp_server.messages
    plain = mail.message.get_body(("plain",))
    text = f"{mail.message['Subject']}\n{plain.get_content() if plain else ''}"
    link = next(word for word in text.split() if "/q/" in word)
    return text, urlsplit(link).path


def test_from_the_button_to_the_criteria(smtp_server, case):
    user = case.opened_by
    desk = signed_in(user)
    base = f"/rls/cases/{case.uuid}/intake/"
    desk.post(f"/rls/cases/{case.uuid}/intake-ahead/")
    assert actions.tick(now=make.NOW) == 1

    text, path = mailed(smtp_server)
    for word in ("Alma", case.chart.patient.family, "leg", "intake", "restless"):
        assert word.lower() not in text.lower()
    phone = Phone()
    phone.get(path)
    phone.press("start")
    phone.answer_until("review", MIXED)
    phone.press("send")
    assert "Thank you" in phone.page.text
    assert [task.rule for task in Task.objects.all()] == ["red_flag"]

    desk.post(base, {"do": "begin"})
    for section in loading.shipped("rls_intake").pages:
        page = Page(desk.get(f"{base}{section}/"))
        boxes = [one.removeprefix("id_confirm_") for one in page.ids if one.startswith("id_confirm_")]
        changed = {"onset": "17"} if section == "long" else {}
        sent = {**page.sends, "confirm": boxes, "do": "next", **changed}
        assert desk.post(f"{base}{section}/", sent).status_code == 302, section
    version = queries.draft_intake(case).version
    assert desk.post(base, {"do": "submit", "version": version}).status_code == 302

    own, reviewed = Response.objects.order_by("pk")
    assert (own.answers["rls_intake.onset"], reviewed.answers["rls_intake.onset"]) == ("about 70", "17")
    assert "patient: about 70 therapist: 17" in Page(desk.get(base)).words
    criteria = Page(desk.get(f"/rls/cases/{case.uuid}/criteria/"))
    assert (criteria.sends["weekly"], criteria.sends["year_old"]) == (["4"], ["yes"])
    assert Task.objects.count() == 1

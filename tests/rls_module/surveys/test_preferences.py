"""Later, fewer, none, again: one tap each, and a mail program's own button."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from rls_module.audit.models import AuditEvent
from rls_module.followups import actions
from rls_module.followups.models import Delivery, Occurrence, Preference
from tests import factories as make
from tests.rls_module.surveys import tables
from tests.rls_module.surveys.conftest import DUE
from tests.rls_module.surveys.phone import Phone, link

pytestmark = [pytest.mark.both, pytest.mark.django_db]

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URLENCODED = "application/x-www-form-urlencoded"
ALL = [(step, *kind) for step in ("week_12", "week_6") for kind in (("invite", 1), ("reminder", 1), ("reminder", 2))]


def queue(asked: Occurrence) -> dict[tuple[str, str, int], tuple[str, str]]:
    rows = Delivery.objects.filter(chart=asked.chart)
    return {
        (step, kind, ordinal): (state, reason)
        for step, kind, ordinal, state, reason in rows.values_list(
            "occurrence__step", "kind", "ordinal", "state", "state_reason"
        )
    }


def press(asked: Occurrence, button: str) -> str:
    phone = Phone()
    phone.get(link(asked, "unsubscribe"))
    page = phone.press(button)
    assert page.status == 200
    return page.text


@pytest.mark.parametrize("how", ["form-data", "urlencoded"])
def test_one_click_stops_all_mail_at_once_without_cookie_login_or_csrf_and_twice_is_once(asked, how):
    """EM-8 part: POST by a mail program: 200, no redirect, idempotent; queued mails stop at once."""
    client = Client(enforce_csrf_checks=True)
    for _ in range(3):
        if how == "form-data":
            response = client.post(link(asked, "unsubscribe"), ONE_CLICK)
        else:
            response = client.post(link(asked, "unsubscribe"), "List-Unsubscribe=One-Click", content_type=URLENCODED)
        assert response.status_code == 200
        assert "Location" not in response.headers
        assert not response.cookies
        assert queue(asked) == dict.fromkeys(ALL, ("suppressed", "opted_out"))
        preference = Preference.objects.get()
        assert (preference.chart, preference.mail_off_at, preference.source) == (asked.chart, DUE, "one_click")


def test_the_mail_names_the_address_that_one_click_posts_to(at, smtp_server):
    """EM-8 part: List-Unsubscribe is one address of ours, and what it names works."""
    case = make.planned(make.therapist())
    at(DUE)
    actions.tick(now=DUE)
    [mail] = smtp_server.messages
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [url] = re.findall(r"<(.+?)>", mail.message["List-Unsubscribe"])
    assert Client(enforce_csrf_checks=True).post(url.removeprefix("http://testserver"), ONE_CLICK).status_code == 200
    assert Preference.objects.get().chart == case.chart
    assert actions.tick(now=DUE + make.days(3)) == 0


def test_fifty_looks_at_the_page_change_nothing(asked):
    """EM-8 part: GET only shows."""
    before = tables.dump()
    for number in range(50):
        assert Client().get(link(asked, "unsubscribe"), {"want": "later"} if number % 2 else {}).status_code == 200
    assert tables.changed(before, tables.dump()) == []


@pytest.mark.parametrize("state", ["open", "answered", "missed", "cancelled"])
def test_one_click_of_an_old_mail_still_stops_all_mail(asked, at, state):
    """EM-8 part: also a year later, whatever became of the form."""
    Occurrence.objects.filter(pk=asked.pk).update(state=state)
    at(DUE + make.days(365))
    assert Client().post(link(asked, "unsubscribe"), ONE_CLICK).status_code == 200
    assert Preference.objects.get().mail_off_at == DUE + make.days(365)


def test_one_patients_stop_is_no_other_patients(asked, at):
    other = Occurrence.objects.get(chart=make.planned(make.therapist()).chart, step="week_6")
    press(asked, "all")
    assert set(queue(other).values()) == {("scheduled", "")}
    assert Preference.objects.get().chart == asked.chart


def test_stop_is_survey_mail_only_and_can_be_turned_on_again_here(asked):
    """EM-9 part: recorded with time and source, reversible by the patient; TK-5: the link is closed with it."""
    assert "Done. Your care stays the same. You can turn this on again here or by phone." in press(asked, "all")
    preference = Preference.objects.get()
    assert (preference.mail_off_at, preference.source) == (DUE, "page")
    assert AuditEvent.objects.filter(verb="preference.edit", actor=f"token:{asked.selector[:8]}").exists()
    assert Client().get(link(asked)).status_code == 404

    assert "Done. We will write again when a form is due." in press(asked, "resume")
    assert Preference.objects.get().mail_off_at is None
    assert queue(asked) == dict.fromkeys(ALL, ("scheduled", "")) | {
        ("week_6", "invite", 1): ("suppressed", "opted_out")  # its time is past
    }
    assert "Turn forms by mail on again" not in Phone().get(link(asked, "unsubscribe")).text


def test_whoever_turns_mail_on_again_gets_a_link_that_works(asked, at, smtp_server):
    """EM-9 part: the stop closed the link of the mail at hand, and no other mail of this form was left to come."""
    at(asked.window_end - timedelta(days=3))
    press(asked, "all")
    press(asked, "resume")
    phone = Phone()
    phone.post(link(asked, "unsubscribe"), {"do": "resume"})  # twice is once
    [more] = Delivery.objects.filter(occurrence=asked, state="scheduled")
    assert (more.kind, more.due_at) == ("snoozed", datetime(2026, 11, 8, 14, 0, tzinfo=UTC))
    at(more.due_at)
    actions.tick(now=more.due_at)
    [mail] = smtp_server.messages
    [url] = re.findall(r"http://testserver(/q/\S+)", mail.message.get_body(("plain",)).get_content())[:1]
    assert Phone().get(url).status == 200
    assert "The link in the mail" not in press(asked, "reminders"), "there is an older mail whose link does not work"


def test_no_more_reminders_is_for_this_form_alone(asked):
    assert "The link in the mail still works." in press(asked, "reminders")
    expected = {key: ("cancelled", "reminders_off") if key[0] == "week_6" else ("scheduled", "") for key in ALL}
    assert queue(asked) == expected
    assert not Preference.objects.filter(mail_off_at__isnull=False).exists()
    assert Client().get(link(asked)).status_code == 200


@pytest.mark.parametrize(
    ("button", "day", "left"),
    [("tomorrow", 20, {1, 2}), ("in3", 22, {2}), ("in7", 26, set())],
)
def test_later_moves_the_next_mail_to_that_morning(asked, button, day, left):
    assert f"Done: we will write on Oct. {day}, 2026." in press(asked, button)
    snoozed = Delivery.objects.get(kind="snoozed")
    assert (snoozed.occurrence, snoozed.due_at) == (asked, datetime(2026, 10, day, 13, 0, tzinfo=UTC))
    assert snoozed.next_attempt_at == snoozed.due_at
    rows = queue(asked)
    assert rows["week_6", "invite", 1] == ("cancelled", "snoozed")
    assert {ordinal for ordinal in (1, 2) if rows["week_6", "reminder", ordinal] == ("scheduled", "")} == left


def test_later_twice_moves_the_same_mail(asked):
    press(asked, "tomorrow")
    press(asked, "in7")
    assert Delivery.objects.get(kind="snoozed").due_at == datetime(2026, 10, 26, 13, 0, tzinfo=UTC)


def test_later_than_the_form_is_open_changes_nothing_and_says_so(asked, at):
    at(asked.window_end - timedelta(days=3))
    before = queue(asked)
    assert "That day is after the form closes. Please answer before, or call us." in press(asked, "in7")
    assert queue(asked) == before


def test_a_later_mail_goes_out_that_morning_and_once(asked, at, smtp_server):
    press(asked, "in3")
    assert actions.tick(now=DUE + make.days(1)) == 0
    assert actions.tick(now=DUE + make.days(3)) == 1
    assert actions.tick(now=DUE + make.days(3)) == 0


@pytest.mark.parametrize("sent", [{}, {"do": "nonsense"}, {"List-Unsubscribe": "no"}, {"do": "\x00"}])
def test_an_unknown_wish_changes_nothing_but_the_count_of_the_minute(asked, sent):
    before = tables.dump()
    assert Client().post(link(asked, "unsubscribe"), sent).status_code == 200
    assert tables.changed(before, tables.dump()) == ["rls_module_tally"]


def test_a_form_that_is_over_offers_no_later(asked, at):
    at(asked.window_end)
    page = Phone().get(link(asked, "unsubscribe"))
    assert [button for form in page.forms for button in form.buttons] == ["all"]


def test_the_ways_out_stand_at_the_foot_of_the_survey(asked):
    phone = Phone()
    phone.get(link(asked))
    page = phone.follow("Later")
    assert "When shall we write again?" in page.text
    phone.get(link(asked))
    assert phone.follow("Stop").status == 200

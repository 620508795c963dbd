"""The intake sent ahead: asked for by a therapist, mailed and answered by the same machinery as every other form."""

from __future__ import annotations

import pytest

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import Response, Task
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.intake import actions as intake_actions
from rls_module.intake.models import Intake
from tests import factories as make
from tests.rls_module.host.pages import Page, at, signed_in
from tests.rls_module.intake.ahead import CALM, said
from tests.rls_module.intake.sheets import NEEDED as ROOM
from tests.rls_module.surveys.phone import Phone

__all__ = ["at"]
pytestmark = [pytest.mark.both, pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def user():
    return make.therapist()


@pytest.fixture
def case(user):
    opened = make.case(user)
    make.protocol(opened.chart.scope)
    return opened


def send(case, user, *, now=make.NOW) -> Occurrence:
    return actions.send_intake(case=case, actor=make.actor(user), now=now)


def mails(case) -> list[tuple[str, int, str]]:
    rows = Delivery.objects.filter(chart=case.chart).order_by("due_at", "pk")
    return list(rows.values_list("kind", "ordinal", "state"))


def test_it_is_due_at_once_with_one_reminder_and_asks_the_pinned_intake(case, user):
    asked = send(case, user)
    assert (asked.instruments, asked.due_at, asked.call_at) == ({"rls_intake": 1}, make.NOW, None)
    assert mails(case) == [("invite", 1, "scheduled"), ("reminder", 1, "scheduled")]


def test_who_sent_it_is_on_record(case, user):
    asked = send(case, user)
    event = AuditEvent.objects.get(verb="intake.send")
    assert (event.actor, event.object_id) == (make.actor(user).ref, str(asked.uuid))


def test_pressing_twice_is_once(case, user):
    assert send(case, user) == send(case, user)
    assert [kind for kind, _, _ in mails(case)] == ["invite", "reminder"]


def test_once_the_mail_has_gone_the_same_link_can_go_again(case, user):
    asked = send(case, user)
    Delivery.objects.filter(kind="invite").update(state="sent", sent_at=make.NOW)
    again = send(case, user, now=make.NOW + make.days(1))
    assert (again, queries.link_token(again, "survey")) == (asked, queries.link_token(asked, "survey"))
    assert ("resend", 1, "scheduled") in mails(case)


def test_once_it_was_taken_in_the_room_nobody_is_reminded(case, user, mailoutbox):
    send(case, user)
    assert actions.tick(now=make.NOW) == 1
    actor = make.actor(user)
    intake = intake_actions.begin_intake(case=case, language="en", actor=actor, now=make.NOW)
    for section, answers in ROOM.items():
        given = {"intake": intake, "seen": intake.version, "section": section, "answers": answers}
        intake = intake_actions.save_section(**given, actor=actor)
    later = make.NOW + make.days(1)
    intake_actions.submit_intake(intake=intake, seen=intake.version, actor=actor, now=later)
    assert actions.tick(now=make.NOW + make.days(3)) == 0
    assert ("reminder", 1, "cancelled") in mails(case)
    assert Delivery.objects.get(kind="reminder").state_reason == "taken_in_room"


def test_one_that_closed_unanswered_is_asked_anew(case, user):
    asked, later = send(case, user), make.NOW + make.days(20)
    actions.close_windows(scope=case.chart.scope, now=later)
    again = send(case, user, now=later)
    assert (again.ordinal, again.selector != asked.selector) == (2, True)


@pytest.mark.parametrize(
    ("why", "spoil"),
    [
        ("no_consent", lambda case, who: actions.withdraw_consent(
            chart=case.chart, purpose="email", actor=who, now=make.NOW)),
        ("opted_out", lambda case, who: actions.stop_mail(
            chart=case.chart, source="page", actor=who, now=make.NOW)),
        ("no_address", lambda case, who: type(case.chart.patient).objects.update(email="")),
    ],
)  # fmt: skip
def test_what_a_patient_chose_is_respected_and_said(case, user, why, spoil):
    spoil(case, make.actor(user))
    case.refresh_from_db()
    with pytest.raises(actions.CannotAsk, match=why):
        send(case, user)
    response = signed_in(user).post(f"/rls/cases/{case.uuid}/intake-ahead/", follow=True)
    assert "Not sent:" in Page(response).words
    assert not Occurrence.objects.exists()


def test_without_a_protocol_the_clinic_is_told_so(user):
    with pytest.raises(actions.CannotAsk, match="not_set_up"):
        send(make.case(user), user)


def test_the_chart_says_that_it_was_sent_and_not_answered(case, user):
    browser = signed_in(user)
    chart = f"/rls/charts/{case.chart.uuid}/"
    assert "Send the intake ahead" in Page(browser.get(chart)).words
    assert browser.post(f"/rls/cases/{case.uuid}/intake-ahead/").headers["Location"] == chart
    page = Page(browser.get(chart))
    for words in ("sent, not answered yet", "intake sent ahead", "Send the intake's link once more"):
        assert words in page.words


def test_the_protocol_neither_plans_nor_cancels_it_and_begins_as_it_is_then(case, user):
    """The first visit plans the check-ins into the enrolment that the intake opened."""
    asked = send(case, user)
    make.signed(case, user)
    assert actions.plan_marked(scope=case.chart.scope, now=make.NOW)
    steps = Occurrence.objects.filter(enrolment=asked.enrolment).values_list("step", "state")
    assert set(steps) == {("intake.ahead", "open"), ("week_6", "open"), ("week_12", "open")}


def test_what_is_answered_is_kept_as_the_patients_own_and_not_as_an_intake(case, user):
    asked = send(case, user)
    receipt = Phone().send_in(asked, CALM)
    assert "go through them with you" in receipt.text
    assert "last form" not in receipt.text
    response = Response.objects.get()
    assert (response.mode, response.phase, response.respondent_role) == ("self_web", "baseline", "patient")
    assert response.answers["rls_intake.where"] == ["lower_legs_left", "lower_legs_right"]
    assert not Intake.objects.exists()
    assert not Task.objects.exists()


def test_every_page_is_saved_by_itself_and_another_day_goes_on_where_it_stopped(case, user):
    asked = send(case, user)
    phone = Phone()
    phone.start(asked)
    phone.answer_until("sleep", CALM)
    other = Phone()
    assert other.start(asked).key == "sleep"


@pytest.mark.parametrize(
    ("danger", "rule", "told"),
    [
        ({"safety": {"flags": ["calf"]}}, "red_flag", "Please get help now."),
        ({"safety": {"flags": ["weight"]}}, "red_flag", "Some of your answers are worth telling your doctor"),
        ({"sleep": {"drive": "yes"}}, "drowsy_driving", "Please do not drive while you feel sleepy."),
        ({"health": {"iron_loss": ["stools"]}}, "iron_loss_bleeding", "Some of your answers are worth telling"),
    ],
)
def test_a_danger_has_its_task_when_its_page_is_saved_though_nothing_is_sent_in(case, user, danger, rule, told):
    [page] = danger
    phone = Phone()
    phone.start(send(case, user))
    phone.answer_until(page, CALM)
    assert told in phone.answer(said(**danger)[page]).text
    assert [task.rule for task in Task.objects.all()] == [rule]
    assert not Response.objects.exists()

"""Planning: the rows of a case's follow-ups agree with its milestones, however often and whenever it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from rls_module.audit.models import AuditEvent
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Task
from rls_module.followups import actions, queue
from rls_module.followups.models import Delivery, Enrolment, Occurrence
from rls_module.host.actor import of_token, system
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

NOW = make.NOW
DAY_42 = NOW + make.days(42)  # 10:00 in New York; the invite was due at 9:00
ALL_SIX = [
    ("week_12", "invite", 1),
    ("week_12", "reminder", 1),
    ("week_12", "reminder", 2),
    ("week_6", "invite", 1),
    ("week_6", "reminder", 1),
    ("week_6", "reminder", 2),
]


def plan(now: datetime = NOW) -> int:
    return actions.plan_marked(scope="riverside", now=now)


def mark() -> None:
    Case.objects.update(replan_at=NOW)


def table() -> dict[str, list[Any]]:
    """Everything that planning writes, whole."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in (Enrolment, Occurrence, Delivery)}


def plan_of(case: Case) -> list[tuple[str, str, str]]:
    """(step, state, reason) of every occurrence."""
    rows = Occurrence.objects.filter(enrolment__case=case).order_by("due_at")
    return list(rows.values_list("step", "state", "state_reason"))


def mails(**of: Any) -> list[tuple[str, str, str]]:
    """(step, kind, state) of every delivery, in the order they are due."""
    return list(Delivery.objects.filter(**of).order_by("due_at", "pk").values_list("occurrence__step", "kind", "state"))


def local(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("America/New_York")).isoformat()


def test_a_first_visit_plans_two_check_ins_at_nine_on_the_patients_wall():
    """FE-1, FE-12: also across the change to winter time; reminders are rows from planning."""
    make.planned(make.therapist())
    assert sorted(Delivery.objects.values_list("occurrence__step", "kind", "ordinal")) == ALL_SIX
    week_6, week_12 = Occurrence.objects.order_by("due_at")
    assert local(week_6.due_at) == "2026-10-19T09:00:00-04:00"
    assert local(week_12.due_at) == "2026-11-30T09:00:00-05:00"
    assert local(week_6.window_end) == "2026-11-10T00:00:00-05:00"
    assert [local(row.due_at) for row in week_6.deliveries.order_by("due_at")] == [
        "2026-10-19T09:00:00-04:00",
        "2026-10-22T09:00:00-04:00",
        "2026-10-26T09:00:00-04:00",
    ]
    assert (week_6.zone, week_6.instruments) == ("America/New_York", {"rls_checkin": 1})


def test_planning_five_times_leaves_the_same_rows():
    """FE-1: values and keys alike."""
    make.planned(make.therapist())
    before = table()
    for _ in range(5):
        mark()
        assert plan() == 1
        assert table() == before
    assert plan() == 0


def test_planning_on_eight_hosts_at_once_leaves_the_same_rows():
    """FE-1, F-22: behind a barrier, from nothing."""
    user = make.therapist()
    case = make.case(user)
    make.protocol()
    make.baseline(case, user)
    make.signed(case, user)
    outcomes = make.at_once(*[plan] * 8)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert sorted(Delivery.objects.values_list("occurrence__step", "kind", "ordinal")) == ALL_SIX
    assert Enrolment.objects.count() == 1
    assert Case.objects.get().replan_at is None


def test_planning_again_after_a_mail_went_changes_nothing(smtp_server):
    """FE-1: what is sent stays sent."""
    make.planned(make.therapist())
    assert actions.tick(now=DAY_42) == 1
    before = table()
    for _ in range(5):
        mark()
        plan(DAY_42)
        assert table() == before


def test_an_earlier_visit_signed_later_moves_what_has_not_gone():
    """FE-1: the anchor is the first completed visit; 1 September instead of the 7th."""
    user = make.therapist()
    case = make.planned(user)
    keys = list(Delivery.objects.order_by("pk").values_list("pk", "uuid"))
    links_before = list(Occurrence.objects.order_by("pk").values_list("selector", "link_version"))
    make.signed(case, user, on=date(2026, 9, 1))
    assert plan() == 1
    week_6, week_12 = Occurrence.objects.order_by("due_at")
    assert (week_6.anchor_on, week_6.due_on, week_12.due_on) == (
        date(2026, 9, 1),
        date(2026, 10, 13),
        date(2026, 11, 24),
    )
    assert local(week_6.due_at) == "2026-10-13T09:00:00-04:00"
    for row in Delivery.objects.select_related("occurrence"):
        days = {"invite": 0}.get(row.kind, {1: 3, 2: 7}[row.ordinal])
        assert local(row.due_at)[:10] == (row.occurrence.due_on + timedelta(days=days)).isoformat()
        assert (row.state, row.next_attempt_at) == ("scheduled", row.due_at)
    assert list(Delivery.objects.order_by("pk").values_list("pk", "uuid")) == keys
    assert list(Occurrence.objects.order_by("pk").values_list("selector", "link_version")) == links_before
    assert week_6.piped["since"] == "2026-09-01"


def test_a_later_visit_leaves_the_plan_alone():
    """FE-1."""
    user = make.therapist()
    case = make.planned(user)
    before = table()
    make.signed(case, user, on=date(2026, 9, 14))
    assert plan() == 1
    assert table() == before


def test_an_anchor_that_moves_after_the_first_mail_moves_only_the_second_check_in(smtp_server):
    """FE-1: week 6 was asked, so it stays; week 12 moves."""
    user = make.therapist()
    case = make.planned(user)
    assert actions.tick(now=DAY_42) == 1
    week_6 = Occurrence.objects.filter(step="week_6").values().get()
    of_week_6 = list(Delivery.objects.filter(occurrence__step="week_6").order_by("pk").values())
    make.signed(case, user, on=date(2026, 9, 1))
    plan(DAY_42)
    assert Occurrence.objects.filter(step="week_6").values().get() == week_6
    assert list(Delivery.objects.filter(occurrence__step="week_6").order_by("pk").values()) == of_week_6
    assert Occurrence.objects.get(step="week_12").due_on == date(2026, 11, 24)


def test_a_patient_who_moves_to_another_zone_is_asked_at_nine_there():
    """FE-1, F-17: the rows that have not gone are computed anew."""
    make.planned(make.therapist())
    person = Case.objects.get().chart.patient
    person.zone = "America/Los_Angeles"
    person.save()
    mark()
    plan()
    week_6 = Occurrence.objects.get(step="week_6")
    assert (week_6.zone, week_6.due_at) == ("America/Los_Angeles", datetime(2026, 10, 19, 16, 0, tzinfo=UTC))
    assert Delivery.objects.get(occurrence=week_6, kind="invite").next_attempt_at == week_6.due_at


def restarted(case: Case, user: Any, *, now: datetime) -> Case:
    """The same chart with its first case closed and a second one open."""
    Case.objects.filter(pk=case.pk).update(status="closed", open_key=None, closed_at=now)
    return case_actions.open_case(chart=case.chart, reason="incidental", on=now.date(), actor=make.actor(user), now=now)


def test_a_case_that_is_restarted_cancels_what_was_still_open_of_the_old_one(smtp_server):
    """FE-1: one enrolment open per chart and protocol; what was sent stays as it is."""
    user = make.therapist()
    old = make.planned(user)
    assert actions.tick(now=DAY_42) == 1
    new = restarted(old, user, now=DAY_42)
    make.signed(new, user, on=DAY_42.date(), now=DAY_42)
    assert plan(DAY_42) == 1
    assert plan_of(old) == [("week_6", "cancelled", "new_case"), ("week_12", "cancelled", "new_case")]
    assert mails(occurrence__enrolment__case=old) == [
        ("week_6", "invite", "sent"),
        *[("week_6", "reminder", "cancelled")] * 2,
        ("week_12", "invite", "cancelled"),
        *[("week_12", "reminder", "cancelled")] * 2,
    ]
    assert plan_of(new) == [("week_6", "open", ""), ("week_12", "open", "")]
    assert list(Enrolment.objects.order_by("pk").values_list("state", "stop_reason")) == [
        ("stopped", "new_case"),
        ("active", ""),
    ]
    assert actions.tick(now=DAY_42 + make.days(3)) == 0


def test_an_answer_given_before_the_restart_stays_an_answer(smtp_server):
    """DI-4's habit: history is not rewritten."""
    user = make.therapist()
    old = make.planned(user)
    actions.tick(now=DAY_42)
    answered(Occurrence.objects.get(step="week_6"), DAY_42)
    new = restarted(old, user, now=DAY_42)
    make.signed(new, user, on=DAY_42.date(), now=DAY_42)
    plan(DAY_42)
    assert plan_of(old) == [("week_6", "answered", ""), ("week_12", "cancelled", "new_case")]


def answered(occurrence: Occurrence, now: datetime) -> None:
    actions.submit(
        occurrence=occurrence,
        answers={"nights": 3, "worst": 5, "new_problem": ["none"]},
        reached={"nights", "strength", "new_problem"},
        language="en",
        mode="self_web",
        actor=of_token(occurrence.selector),
        now=now,
    )


# A first visit that was charted late


def planned_late(days: int) -> Case:
    """A case whose first visit was `days` ago and is signed and planned only now."""
    user = make.therapist()
    return make.planned(user, on=NOW.date() - timedelta(days=days))


@pytest.mark.parametrize("days", [1, 10])
def test_a_visit_charted_one_or_ten_days_late_is_followed_up_as_if_in_time(smtp_server, days):
    """FE-10."""
    case = planned_late(days)
    assert plan_of(case) == [("week_6", "open", ""), ("week_12", "open", "")]
    assert len(mails()) == 6
    assert actions.tick(now=NOW) == 0
    assert Occurrence.objects.get(step="week_6").due_on == NOW.date() + timedelta(days=42 - days)


def test_a_visit_charted_a_hundred_days_late_is_asked_about_once(smtp_server):
    """FE-10, F-23: week 6 is over and said to be; week 12 is 16 days late and goes at once, without its reminders."""
    case = planned_late(100)
    assert plan_of(case) == [("week_6", "skipped", "past"), ("week_12", "open", "")]
    assert mails() == [("week_12", "invite", "scheduled")]
    assert actions.tick(now=NOW) == 1
    assert [actions.tick(now=NOW + make.days(day)) for day in (1, 2, 3, 4, 5, 6)] == [0] * 6
    assert len(smtp_server.messages) == 1


def test_nobody_is_asked_to_call_about_a_mail_that_has_not_gone_yet(smtp_server):
    """FE-10, EM-11: charted a hundred days late, the call day is over before the first mail is out."""
    planned_late(100)
    actions.tick(now=NOW)
    assert list(Task.objects.values_list("rule", flat=True)) == []


def test_a_visit_charted_a_year_late_is_not_asked_about():
    """FE-10: a visible outcome, no silence and no mail."""
    case = planned_late(365)
    assert plan_of(case) == [("week_6", "skipped", "past"), ("week_12", "skipped", "past")]
    assert mails() == []


@pytest.mark.parametrize("days", range(40, 110, 5))
def test_however_late_a_visit_is_charted_nobody_gets_two_mails_a_day(smtp_server, days):
    """FE-10, EM-12: every turn of the first three weeks; at most three mails for one check-in."""
    planned_late(days)
    for day in range(21):
        for hour in (0, 6):
            actions.tick(now=NOW + timedelta(days=day, hours=hour))
    sent = Delivery.objects.filter(state="sent")
    days_sent = [local(moment)[:10] for moment in sent.values_list("sent_at", flat=True)]
    assert len(days_sent) == len(set(days_sent))
    assert len(smtp_server.messages) == len(days_sent)
    for occurrence in Occurrence.objects.all():
        assert sent.filter(occurrence=occurrence).count() <= 3


# What happens when the time comes


def test_no_reminder_goes_after_an_answer(smtp_server):
    """FE-12, EM-12."""
    make.planned(make.therapist())
    actions.tick(now=DAY_42)
    answered(Occurrence.objects.get(step="week_6"), DAY_42)
    assert [actions.tick(now=DAY_42 + make.days(day)) for day in (3, 7, 14)] == [0, 0, 0]
    assert mails(occurrence__step="week_6") == [
        ("week_6", "invite", "sent"),
        *[("week_6", "reminder", "cancelled")] * 2,
    ]


def test_a_reminder_that_was_claimed_before_the_answer_is_stopped_at_the_last_question(smtp_server):
    """FE-12, F-31, F-38: decided from the live state, after the claim."""
    make.planned(make.therapist())
    actions.tick(now=DAY_42)
    moment = DAY_42 + make.days(3)
    claimed = queue.claim("riverside", moment, 50)
    assert [row.kind for row in claimed] == ["reminder"]
    answered(Occurrence.objects.get(step="week_6"), moment)
    assert queue.deliver(claimed, moment) == 0
    assert len(smtp_server.messages) == 1
    stored = Delivery.objects.get(pk=claimed[0].pk)
    assert (stored.state, stored.state_reason) == ("cancelled", "answered")


def test_silence_gets_two_reminders_a_call_and_an_end(smtp_server):
    """FE-12, EM-11, EM-12: days 0, 3 and 7 a mail, day 10 a call, day 22 the close."""
    make.planned(make.therapist())
    went = [actions.tick(now=DAY_42 + make.days(day)) for day in range(23)]
    assert [day for day, count in enumerate(went) if count] == [0, 3, 7]
    assert sum(went) == 3
    assert list(Task.objects.values_list("kind", "rule")) == [("call", "no_answer")]
    assert Occurrence.objects.get(step="week_6").state == "missed"
    assert len({mail.message["Message-ID"] for mail in smtp_server.messages}) == 3


def test_the_call_task_comes_once_and_at_day_ten(smtp_server):
    """EM-11."""
    make.planned(make.therapist())
    actions.tick(now=DAY_42)
    actions.tick(now=DAY_42 + make.days(9.9))
    assert not Task.objects.exists()
    for day in (10, 10, 11, 15):
        actions.tick(now=DAY_42 + make.days(day))
    task = Task.objects.get()
    assert (task.kind, task.rule, task.params, task.due_at) == (
        "call",
        "no_answer",
        {"step": "week_6"},
        DAY_42 + make.days(10),
    )


def test_after_an_outage_nobody_is_called_about_a_mail_of_the_same_day(smtp_server):
    """FE-10, EM-11: the engine slept through the first mail and the call day; the call comes a day after the mail."""
    make.planned(make.therapist())
    late = DAY_42 + make.days(12)
    for hours in (0, 1, 23):
        actions.tick(now=late + make.days(hours / 24))
        assert not Task.objects.exists()
    actions.tick(now=late + make.days(1))
    assert list(Task.objects.values_list("kind", "rule")) == [("call", "no_answer")]


def test_whoever_answered_is_not_called(smtp_server):
    """EM-11."""
    make.planned(make.therapist())
    actions.tick(now=DAY_42)
    answered(Occurrence.objects.get(step="week_6"), DAY_42)
    actions.tick(now=DAY_42 + make.days(10))
    assert not Task.objects.exists()


def close(now: datetime) -> int:
    return actions.close_windows(scope="riverside", now=now)


def test_an_unanswered_check_in_is_missed_when_its_window_ends_and_not_before():
    """EM-11: to the second, once, with an event."""
    make.planned(make.therapist())
    end = Occurrence.objects.get(step="week_6").window_end
    assert close(end - timedelta(seconds=1)) == 0
    assert close(end) == 1
    assert close(end) == 0
    assert dict(Occurrence.objects.values_list("step", "state")) == {"week_6": "missed", "week_12": "open"}
    assert AuditEvent.objects.filter(verb="enrolment.missed").count() == 1


def test_whoever_began_before_the_close_has_forty_eight_hours_more():
    """FE-1, TK-5: to the second."""
    make.planned(make.therapist())
    occurrence = Occurrence.objects.get(step="week_6")
    end = occurrence.window_end
    actions.begin(occurrence=occurrence, actor=of_token(occurrence.selector), now=end - timedelta(seconds=1))
    assert close(end) == 0
    assert close(end + timedelta(hours=48, seconds=-1)) == 0
    assert close(end + timedelta(hours=48)) == 1
    assert Occurrence.objects.get(step="week_6").state == "missed"


def test_whoever_begins_at_the_close_has_nothing_more():
    """TK-5."""
    make.planned(make.therapist())
    occurrence = Occurrence.objects.get(step="week_6")
    actions.begin(occurrence=occurrence, actor=of_token(occurrence.selector), now=occurrence.window_end)
    assert close(occurrence.window_end) == 1


def test_a_case_without_a_protocol_keeps_its_mark_until_there_is_one():
    """FE-1: rls_setup comes too late, nothing is lost."""
    user = make.therapist()
    case = make.case(user)
    make.signed(case, user)
    assert plan() == 0
    assert Case.objects.get().replan_at is not None
    make.protocol()
    assert plan() == 1
    assert plan_of(case) == [("week_6", "open", ""), ("week_12", "open", "")]


def test_installing_a_protocol_twice_is_once():
    user = system("test")
    assert actions.install_protocol(scope="riverside", key="default", actor=user, now=NOW) is True
    assert actions.install_protocol(scope="riverside", key="default", actor=user, now=NOW) is False


def test_the_same_time_of_asking_cannot_be_stored_twice():
    """DI-10, FE-1: occurrence and delivery, by the database's own keys."""
    make.planned(make.therapist())
    for row in (Occurrence.objects.first(), Delivery.objects.first()):
        row.pk = None
        row.uuid = "0189f7a2-3c4d-4e5f-8a9b-0c1d2e3f4a5b"
        if isinstance(row, Occurrence):
            row.selector = "A" * 22
        with pytest.raises(IntegrityError, match=r"(?i)unique|duplicate"), transaction.atomic():
            row.save(force_insert=True)

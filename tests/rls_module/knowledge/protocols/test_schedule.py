"""From an anchor to instants: due, windows, reminders, catch-up, and clock changes (F-15, F-16: the arithmetic)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.protocols.loading import shipped
from rls_module.knowledge.protocols.schedule import answer_state, instant, link_closes_at, link_open, plan
from tests.rls_module.knowledge.examples import quick

TOUCHPOINTS = shipped("default").touchpoints
NEW_YORK = ZoneInfo("America/New_York")
ZONES = [
    ZoneInfo(name)
    for name in (
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Pacific/Chatham",
        "Africa/Casablanca",
    )
]
ANCHOR = date(2026, 9, 28)  # week 6 is due on 9 November, week 12 on 21 December
EARLY = datetime(2026, 9, 28, 20, tzinfo=UTC)

zones = st.sampled_from(ZONES)
anchors = st.dates(date(2026, 1, 1), date(2028, 12, 31))
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45, 59]))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2029, 6, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001


def planned(now, **changes):
    return plan(TOUCHPOINTS, anchor_on=ANCHOR, zone=NEW_YORK, now=now, **changes)


def local(moment, zone=NEW_YORK):
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def week(step, now):
    return next(one for one in planned(now) if one.step == step)


def test_week_six_is_due_at_nine_local_time_after_42_days():
    one = week("week_6", EARLY)
    assert (one.ordinal, one.anchor_on, one.due_on, local(one.due_at)) == (
        1, ANCHOR, date(2026, 11, 9), "2026-11-09 09:00",
    )  # fmt: skip
    assert (local(one.on_time_until), local(one.window_end), local(one.call_at)) == (
        "2026-11-24 00:00", "2026-12-01 00:00", "2026-11-19 09:00",
    )  # fmt: skip


def test_invite_and_two_reminders_are_planned():
    one = week("week_12", EARLY)
    assert [(d.kind, d.ordinal, local(d.due_at)) for d in one.deliveries] == [
        ("invite", 1, "2026-12-21 09:00"),
        ("reminder", 1, "2026-12-24 09:00"),
        ("reminder", 2, "2026-12-28 09:00"),
    ]


def test_send_time_is_the_protocols():
    assert {local(one.due_at)[-5:] for one in planned(EARLY, send_time=time(17, 45))} == {"17:45"}


def test_rows_will_do_in_place_of_definitions():
    row = SimpleNamespace(
        step="day_1", offset_days=1, on_time_days=0, window_days=0, reminder_days=[], call_after_days=None
    )
    (one,) = plan([row], anchor_on=ANCHOR, zone=NEW_YORK, now=EARLY)
    assert (local(one.on_time_until), local(one.window_end), one.call_at) == (
        "2026-09-30 00:00", "2026-09-30 00:00", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "states"),
    [
        (datetime(2026, 11, 9, 13, 59, tzinfo=UTC), {"week_6": "", "week_12": ""}),
        (datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC), {"week_6": "", "week_12": ""}),
        (datetime(2026, 12, 1, 5, tzinfo=UTC), {"week_6": "past", "week_12": ""}),
        (datetime(2027, 1, 12, 5, tzinfo=UTC), {"week_6": "past", "week_12": "past"}),
    ],
)
def test_closed_window_is_skipped_as_past(now, states):
    assert {one.step: one.skipped for one in planned(now)} == states


def test_skipped_one_has_no_deliveries():
    assert week("week_6", datetime(2026, 12, 2, tzinfo=UTC)).deliveries == ()


def test_after_an_outage_the_invite_stays_due_and_past_reminders_are_dropped():
    one = week("week_6", datetime(2026, 11, 14, tzinfo=UTC))
    assert [(d.kind, d.ordinal, local(d.due_at)) for d in one.deliveries] == [
        ("invite", 1, "2026-11-09 09:00"),
        ("reminder", 2, "2026-11-16 09:00"),
    ]


def test_reminder_that_is_due_this_instant_is_not_past():
    due = week("week_6", EARLY).deliveries[1].due_at
    assert [d.kind for d in week("week_6", due).deliveries] == ["invite", "reminder", "reminder"]


def test_of_several_due_only_the_newest_is_open():
    weekly = [
        SimpleNamespace(
            step=f"week_{n}",
            offset_days=7 * n,
            on_time_days=20,
            window_days=20,
            reminder_days=[3],
            call_after_days=None,
        )
        for n in (1, 2, 3, 4)
    ]
    now = instant(ANCHOR + timedelta(days=22), time(12), NEW_YORK)
    found = plan(weekly, anchor_on=ANCHOR, zone=NEW_YORK, now=now)
    assert [(one.step, one.skipped, len(one.deliveries)) for one in found] == [
        ("week_1", "late", 0),
        ("week_2", "late", 0),
        ("week_3", "", 2),
        ("week_4", "", 2),
    ]


def test_clock_change_between_anchor_and_due_keeps_the_wall_time():
    """F-16: New York falls back on 1 November 2026; nine o'clock stays nine o'clock."""
    assert week("week_6", EARLY).due_at == datetime(2026, 11, 9, 14, tzinfo=UTC)


def test_planning_under_new_zone_rules_keeps_the_wall_time():
    """F-17: the arithmetic depends on the rules it is given and keeps nothing; the same day, the same nine o'clock."""
    old, new = ZoneInfo("Etc/GMT+5"), ZoneInfo("Etc/GMT+4")
    before, after = (plan(TOUCHPOINTS[:1], anchor_on=ANCHOR, zone=zone, now=EARLY)[0] for zone in (old, new))
    assert (before.due_on, local(before.due_at, old)) == (after.due_on, local(after.due_at, new))
    assert before.due_at - after.due_at == timedelta(hours=1)


def test_send_time_that_is_skipped_is_shifted_forward():
    """F-15: 2:30 on 14 March 2027 does not exist in New York."""
    found = plan(TOUCHPOINTS[:1], anchor_on=date(2027, 1, 31), zone=NEW_YORK, now=EARLY, send_time=time(2, 30))
    assert local(found[0].due_at) == "2027-03-14 03:30"


def test_window_ends_at_the_first_instant_of_a_day_without_midnight():
    """F-15: in Santiago 5 September 2027 begins at one o'clock."""
    zone = ZoneInfo("America/Santiago")
    anchor = date(2027, 9, 5) - timedelta(days=42 + 22)
    (one, _) = plan(TOUCHPOINTS, anchor_on=anchor, zone=zone, now=EARLY)
    assert local(one.window_end, zone) == "2027-09-05 01:00"
    assert local(one.window_end - timedelta(seconds=1), zone) == "2027-09-04 23:59"


@quick
@given(zones, anchors, times)
def test_windows_are_ordered_and_every_time_is_the_local_one_or_the_shifted_one(zone, anchor, at):
    """F-15, F-16: one instant per occurrence, in its place between the others, never earlier than the wall time."""
    for one in plan(TOUCHPOINTS, anchor_on=anchor, zone=zone, now=datetime(2025, 1, 1, tzinfo=UTC), send_time=at):
        assert one.due_at <= one.on_time_until < one.window_end
        assert one.due_at < one.call_at < one.window_end
        invite, *reminders = one.deliveries
        assert invite.due_at == one.due_at
        assert [d.ordinal for d in reminders] == [1, 2]
        assert one.due_at < reminders[0].due_at < reminders[1].due_at < one.window_end
        for days, moment in ((0, one.due_at), (3, reminders[0].due_at), (7, reminders[1].due_at), (10, one.call_at)):
            shown = moment.astimezone(zone).replace(tzinfo=None)
            wanted = datetime.combine(one.due_on + timedelta(days=days), at)
            assert shown - wanted in (timedelta(), timedelta(minutes=30), timedelta(hours=1))


@quick
@given(zones, anchors, moments)
def test_later_anchor_plans_nothing_earlier(zone, anchor, now):
    earlier = plan(TOUCHPOINTS, anchor_on=anchor, zone=zone, now=now)
    later = plan(TOUCHPOINTS, anchor_on=anchor + timedelta(days=1), zone=zone, now=now)
    for one, other in zip(earlier, later, strict=True):
        assert (one.due_at, one.on_time_until, one.window_end, one.call_at) < (
            other.due_at, other.on_time_until, other.window_end, other.call_at,
        )  # fmt: skip
        assert one.window_end < other.window_end


@quick
@given(zones, anchors, moments)
def test_planning_twice_gives_the_same(zone, anchor, now):
    once = plan(TOUCHPOINTS, anchor_on=anchor, zone=zone, now=now)
    assert once == plan(TOUCHPOINTS, anchor_on=anchor, zone=zone, now=now)
    assert len({(one.step, one.ordinal) for one in once}) == len(once)
    assert sum(1 for one in once if not one.skipped and one.due_at <= now) <= 1


UNTIL = datetime(2026, 11, 24, 5, tzinfo=UTC)
END = datetime(2026, 12, 1, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("answered_at", "begun_at", "state"),
    [
        (UNTIL - SECOND, None, "answered"),
        (UNTIL, None, "late"),
        (END - SECOND, None, "late"),
        (END, None, "closed"),
        (END, END - SECOND, "late"),
        (END + timedelta(hours=48) - SECOND, END - SECOND, "late"),
        (END + timedelta(hours=48), END - SECOND, "closed"),
        (END + SECOND, END, "closed"),
    ],
)
def test_answer_is_on_time_late_or_closed(answered_at, begun_at, state):
    assert answer_state(answered_at=answered_at, begun_at=begun_at, on_time_until=UNTIL, window_end=END) == state


DUE = datetime(2026, 11, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("link_days", "begun_at", "closes_at"),
    [
        (30, None, END),
        (7, None, DUE + timedelta(days=7)),
        (30, END - SECOND, END + timedelta(hours=48)),
        (30, END, END),
        (7, DUE + timedelta(days=7) - SECOND, DUE + timedelta(days=9)),
        (7, DUE + timedelta(days=8), DUE + timedelta(days=7)),
    ],
)
def test_link_closes_with_the_window_or_its_own_days_and_later_for_who_began(link_days, begun_at, closes_at):
    times = {"due_at": DUE, "window_end": END, "link_days": link_days, "begun_at": begun_at}
    assert link_closes_at(**times) == closes_at
    assert [link_open(now=now, **times) for now in (DUE - SECOND, DUE, closes_at - SECOND, closes_at)] == [
        False, True, True, False,
    ]  # fmt: skip

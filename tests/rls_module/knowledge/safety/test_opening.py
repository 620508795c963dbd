"""Due times run in the clinic's opening time: over nights, weekends, closed days and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.safety.opening import Due, OpeningHours, default_hours, due_at
from tests.rls_module.knowledge.examples import quick

NEW_YORK = ZoneInfo("America/New_York")
HOURS = default_hours(NEW_YORK)
THANKSGIVING = OpeningHours(NEW_YORK, closed_on=frozenset({date(2026, 11, 26), date(2026, 11, 27)}))
ONE_HOUR, FOUR_HOURS = Due(opening_hours=1), Due(opening_hours=4)
ONE_DAY, TWO_DAYS, FIVE_DAYS = Due(working_days=1), Due(working_days=2), Due(working_days=5)


def due(start, amount, hours=HOURS):
    moment = due_at(datetime.fromisoformat(start).replace(tzinfo=hours.zone), amount, hours)
    assert moment.tzinfo is UTC
    return moment.astimezone(hours.zone).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "amount", "hours", "expected"),
    [
        ("2026-11-23T10:00", ONE_HOUR, HOURS, "Mon 2026-11-23 11:00"),
        ("2026-11-23T17:00", ONE_HOUR, HOURS, "Mon 2026-11-23 18:00"),
        ("2026-11-23T17:30", ONE_HOUR, HOURS, "Tue 2026-11-24 08:30"),
        ("2026-11-27T17:30", ONE_HOUR, HOURS, "Mon 2026-11-30 08:30"),
        ("2026-11-28T03:00", ONE_HOUR, HOURS, "Mon 2026-11-30 09:00"),
        ("2026-11-23T05:00", ONE_HOUR, HOURS, "Mon 2026-11-23 09:00"),
        ("2026-11-23T23:00", FOUR_HOURS, HOURS, "Tue 2026-11-24 12:00"),
        ("2026-11-27T16:00", FOUR_HOURS, HOURS, "Mon 2026-11-30 10:00"),
        ("2026-11-25T17:00", FOUR_HOURS, THANKSGIVING, "Mon 2026-11-30 11:00"),
        ("2026-11-23T00:00", Due(opening_hours=25), HOURS, "Wed 2026-11-25 13:00"),
        ("2026-11-23T10:00", ONE_DAY, HOURS, "Tue 2026-11-24 18:00"),
        ("2026-11-23T23:00", ONE_DAY, HOURS, "Tue 2026-11-24 18:00"),
        ("2026-11-27T10:00", ONE_DAY, HOURS, "Mon 2026-11-30 18:00"),
        ("2026-11-28T10:00", ONE_DAY, HOURS, "Mon 2026-11-30 18:00"),
        ("2026-11-25T10:00", TWO_DAYS, THANKSGIVING, "Tue 2026-12-01 18:00"),
        ("2026-11-23T10:00", FIVE_DAYS, HOURS, "Mon 2026-11-30 18:00"),
        ("2026-10-30T17:00", Due(opening_hours=2), HOURS, "Mon 2026-11-02 09:00"),
        ("2027-03-12T17:00", Due(opening_hours=2), HOURS, "Mon 2027-03-15 09:00"),
    ],
)
def test_due_time(start, amount, hours, expected):
    assert due(start, amount, hours) == expected


def test_clock_change_inside_opening_hours_moves_no_minute():
    night_clinic = OpeningHours(NEW_YORK, weekdays=frozenset({6}), opens=time(0), closes=time(6))
    assert due("2026-11-01T00:30", ONE_HOUR, night_clinic) == "Sun 2026-11-01 01:30"
    assert due("2026-11-01T00:30", Due(opening_hours=3), night_clinic) == "Sun 2026-11-01 02:30"
    assert due("2027-03-14T01:30", ONE_HOUR, night_clinic) == "Sun 2027-03-14 03:30"


def test_naive_start_is_refused():
    with pytest.raises(ValueError, match="start needs a time zone"):
        due_at(datetime(2026, 11, 23), ONE_HOUR, HOURS)  # noqa: DTZ001


@pytest.mark.parametrize("amount", [ONE_HOUR, ONE_DAY])
def test_clinic_that_never_opens_is_refused(amount):
    closed = frozenset(date(2026, 11, 1) + timedelta(days=n) for n in range(500))
    with pytest.raises(ValueError, match="no opening time in the next year"):
        due("2026-11-23T10:00", amount, OpeningHours(NEW_YORK, closed_on=closed))


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": frozenset()},
        {"weekdays": frozenset({7})},
        {"opens": time(18), "closes": time(8)},
        {"opens": time(8), "closes": time(8)},
    ],
)
def test_opening_hours_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"weekdays are numbers|opens before it closes"):
        OpeningHours(NEW_YORK, **wrong)


@pytest.mark.parametrize(
    "wrong", [{}, {"opening_hours": 1, "working_days": 1}, {"opening_hours": 0}, {"working_days": -1}]
)
def test_due_is_one_amount_from_one_on(wrong):
    with pytest.raises(ValueError, match="from 1 on"):
        Due(**wrong)


ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Pacific/Chatham"]
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
clinics = st.builds(
    OpeningHours,
    st.sampled_from(ZONES).map(ZoneInfo),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.times(time(5), time(11)),
    closes=st.times(time(13), time(23)),
    closed_on=st.frozensets(days, max_size=20),
)
starts = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute),
    days,
    st.integers(0, 1439),
)
amounts = st.one_of(
    st.builds(Due, opening_hours=st.integers(1, 12)), st.builds(lambda n: Due(working_days=n), st.integers(1, 7))
)


@quick
@given(clinics, starts, amounts)
def test_due_is_within_opening_hours_and_after_the_start(hours, start, amount):
    found = due_at(start, amount, hours)
    shown = found.astimezone(hours.zone)
    assert found > start
    assert hours.is_working_day(shown.date())
    assert hours.opens <= shown.time() <= hours.closes


@quick
@given(clinics, starts, amounts, st.integers(1, 5000))
def test_later_start_is_never_due_earlier(hours, start, amount, minutes):
    assert due_at(start, amount, hours) <= due_at(start + timedelta(minutes=minutes), amount, hours)


@quick
@given(clinics, starts, st.integers(1, 12))
def test_more_time_is_due_later(hours, start, amount):
    assert due_at(start, Due(opening_hours=amount), hours) < due_at(start, Due(opening_hours=amount + 1), hours)
    assert due_at(start, Due(working_days=amount), hours) < due_at(start, Due(working_days=amount + 1), hours)

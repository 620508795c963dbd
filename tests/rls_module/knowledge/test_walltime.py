"""A wall clock in a zone names one instant, also where the clocks change (F-15, F-16: the arithmetic)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rls_module.knowledge.walltime import instant, start_of_day
from tests.rls_module.knowledge.examples import quick

ZONES = (
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Pacific/Chatham",
    "Africa/Casablanca",
)


@cache
def changes(zone: str) -> tuple[date, ...]:
    """The UTC days on which the zone's clocks change, 2026 to 2028."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    offsets = [(first + timedelta(days=n)).astimezone(ZoneInfo(zone)).utcoffset() for n in range(1097)]
    return tuple((first + timedelta(days=n)).date() for n in range(1096) if offsets[n] != offsets[n + 1])


@st.composite
def wall_times(draw):
    """A zone and a wall time, most of them within two days of a clock change."""
    zone = draw(st.sampled_from(ZONES))
    near = st.builds(lambda day, ahead: day + timedelta(days=ahead), st.sampled_from(changes(zone)), st.integers(-2, 2))
    day = draw(st.one_of(near, near, st.dates(date(2026, 1, 1), date(2028, 12, 31))))
    return ZoneInfo(zone), day, time(draw(st.integers(0, 23)), draw(st.integers(0, 59)))


def readings(day, at, zone):
    """Every instant at which the zone's clocks show this time, found by looking at the clock only."""
    wanted = datetime.combine(day, at, tzinfo=UTC)
    offsets = {(wanted + timedelta(hours=h)).astimezone(zone).utcoffset() for h in (-36, 0, 36)}
    return sorted(wanted - o for o in offsets if (wanted - o).astimezone(zone).replace(tzinfo=UTC) == wanted), offsets


@quick
@given(wall_times())
def test_every_wall_time_round_trips_or_is_shifted_forward_by_the_gap(wall):
    """F-15: a time that is skipped moves forward by the gap. F-16: of a time that comes twice it is the first."""
    zone, day, at = wall
    found, offsets = readings(day, at, zone)
    moment = instant(day, at, zone)
    if found:
        assert moment == found[0]
    else:
        gap = max(offsets) - min(offsets)
        shown = moment.astimezone(zone).replace(tzinfo=None)
        assert shown == datetime.combine(day, at) + gap
        assert gap > timedelta()


@quick
@given(wall_times())
def test_later_days_are_later_instants(wall):
    zone, day, at = wall
    assert instant(day, at, zone) < instant(day + timedelta(days=1), at, zone)
    assert start_of_day(day, zone) <= instant(day, at, zone)


@pytest.mark.parametrize(
    ("zone", "day", "at", "shown"),
    [
        ("America/New_York", date(2027, 3, 14), time(2, 30), "03:30 -0400"),
        ("Europe/London", date(2027, 3, 28), time(1, 15), "02:15 +0100"),
        ("Australia/Lord_Howe", date(2027, 10, 3), time(2, 15), "02:45 +1100"),
        ("America/Santiago", date(2027, 9, 5), time(0, 0), "01:00 -0300"),
        ("Pacific/Chatham", date(2027, 9, 26), time(3, 0), "04:00 +1345"),
    ],
)
def test_skipped_time_is_shifted_forward(zone, day, at, shown):
    """F-15."""
    assert instant(day, at, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).strftime("%H:%M %z") == shown


@pytest.mark.parametrize(
    ("zone", "day", "at", "moment"),
    [
        ("America/New_York", date(2027, 11, 7), time(1, 30), "2027-11-07T05:30"),
        ("Europe/London", date(2027, 10, 31), time(1, 30), "2027-10-31T00:30"),
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), "2027-04-03T14:45"),
        ("America/Santiago", date(2027, 4, 3), time(23, 30), "2027-04-04T02:30"),
        ("Pacific/Chatham", date(2027, 4, 4), time(3, 0), "2027-04-03T13:15"),
    ],
)
def test_time_that_comes_twice_means_the_first(zone, day, at, moment):
    """F-16."""
    assert instant(day, at, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") == moment


def test_every_zone_has_clock_changes_to_test():
    assert {zone for zone in ZONES if len(changes(zone)) >= 4} == set(ZONES)


def test_fold_of_the_given_time_does_not_matter():
    zone = ZoneInfo("Europe/London")
    assert instant(date(2027, 10, 31), time(1, 30, fold=1), zone) == instant(date(2027, 10, 31), time(1, 30), zone)

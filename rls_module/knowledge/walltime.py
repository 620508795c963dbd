"""From a wall clock to an instant: the one rule for hours that a clock change skips or repeats."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which the clocks of `zone` show `at` on `day`.

    A time that the clock change skips is shifted forward by the length of the gap (02:30 becomes 03:30);
    a time that happens twice means the first one. The result depends on nothing but the three arguments.
    """
    # fold=0 says both: before a gap the old offset still counts, in a fold the first pass is meant (PEP 495).
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=zone).astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which `day` begins in `zone`, also where a clock change skips midnight."""
    return instant(day, time.min, zone)

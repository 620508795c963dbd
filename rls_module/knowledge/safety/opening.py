"""Due times in a clinic's opening time: hours and working days over nights, weekends, closed days, clock changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rls_module.knowledge.walltime import instant

MONDAY_TO_FRIDAY = frozenset(range(5))
_HORIZON_DAYS = 400  # a clinic closed for longer than this has no opening time


@dataclass(frozen=True, slots=True)
class Due:
    """How much opening time a task has: hours, or working days; exactly one of the two, at least 1."""

    opening_hours: int | None = None
    working_days: int | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.opening_hours, self.working_days) if value is not None]
        if len(given) != 1 or given[0] < 1:
            raise ValueError("a due time is a number of opening hours or of working days, from 1 on")


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a clinic is open: weekdays (0 = Monday), from when to when by its own clock, and the days it is closed."""

    zone: ZoneInfo
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    opens: time = time(8)
    closes: time = time(18)
    closed_on: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("weekdays are numbers from 0 (Monday) to 6, at least one")
        if self.opens >= self.closes:
            raise ValueError("a clinic opens before it closes, on the same day")

    def is_working_day(self, day: date) -> bool:
        """Say whether the clinic opens on this day."""
        return day.weekday() in self.weekdays and day not in self.closed_on

    def day_span(self, day: date) -> tuple[datetime, datetime]:
        """Return the instants (UTC) at which the clinic would open and close on this day."""
        return instant(day, self.opens, self.zone), instant(day, self.closes, self.zone)


def default_hours(zone: ZoneInfo) -> OpeningHours:
    """Return Monday to Friday, 8 to 18, no closed days."""
    return OpeningHours(zone)


def due_at(start: datetime, due: Due, hours: OpeningHours) -> datetime:
    """Return the instant (UTC) by which a task opened at `start` is due; `start` must be aware.

    Opening hours run while the clinic is open: one hour from Friday 17:30 ends on Monday 8:30. Working days end at
    closing time: one working day from any time on Friday, or on the weekend, ends on Monday at closing time.
    Raises ValueError if the clinic does not open for more than a year.
    """
    if start.tzinfo is None:
        raise ValueError("start needs a time zone")
    if due.opening_hours is not None:
        return _after_hours(start.astimezone(UTC), timedelta(hours=due.opening_hours), hours)
    return _after_days(start.astimezone(hours.zone).date(), due.working_days or 0, hours)


def _after_hours(start: datetime, left: timedelta, hours: OpeningHours) -> datetime:
    for day in _working_days(start.astimezone(hours.zone).date(), hours):
        opens_at, closes_at = hours.day_span(day)
        begins_at = max(start, opens_at)
        if begins_at + left <= closes_at:
            return begins_at + left
        left -= max(closes_at - begins_at, timedelta())
    raise ValueError("the clinic has no opening time in the next year")


def _after_days(start_on: date, count: int, hours: OpeningHours) -> datetime:
    for day in _working_days(start_on + timedelta(days=1), hours):
        count -= 1
        if count == 0:
            return hours.day_span(day)[1]
    raise ValueError("the clinic has no opening time in the next year")


def _working_days(first: date, hours: OpeningHours) -> Iterator[date]:
    days = (first + timedelta(days=ahead) for ahead in range(_HORIZON_DAYS))
    return (day for day in days if hours.is_working_day(day))

"""The demo's clock: it starts at 10:00, runs on with real time, and can only be moved forward, to 10:00 again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from clinic.demo import past
from clinic.demo.models import DemoClock

MORNING = time(10)
_ONLY_ROW = 1


def now() -> datetime:
    """Return the clinic's now, in UTC: RLS_MODULE["CLOCK"] of the demo. Before the clock is started, the real time.

    While history is written, it is the moment that is being told.
    """
    if (told := past.moment()) is not None:
        return told.astimezone(UTC)
    real = datetime.now(UTC)
    row = DemoClock.objects.filter(pk=_ONLY_ROW).first()
    if row is None:
        return real
    return (row.clinic_at + max(real - row.real_at, timedelta())).astimezone(UTC)


def start() -> datetime:
    """Set the clock to 10:00 of the real day and return that instant."""
    return _set(datetime.now(_zone()).date())


def advance(days: int) -> datetime:
    """Move the clock to 10:00 of the clinic's day `days` (one or more) from its today, and return that instant."""
    if days < 1:
        raise ValueError("The clock only moves forward: one day or more.")
    return _set(now().astimezone(_zone()).date() + timedelta(days=days))


def _set(day: date) -> datetime:
    clinic_at = datetime.combine(day, MORNING, tzinfo=_zone()).astimezone(UTC)
    DemoClock.objects.update_or_create(pk=_ONLY_ROW, defaults={"real_at": datetime.now(UTC), "clinic_at": clinic_at})
    return clinic_at


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)

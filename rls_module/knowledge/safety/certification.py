"""When a plan of care is to be certified, certified again, and reported on. Dates and counts only; nobody's coverage.

Source: domain reference 5.7 (after CMS Pub 100-02 ch. 15 s. 220): certified within so many days of the first treatment,
certified again by the end of what was certified, a progress report every so many treatment days. The intervals are the
clinic's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

What = Literal["certification", "recertification", "report", "authorised"]

SOON = timedelta(days=14)
FEW_VISITS = 2  # that are left when a report or the end of what is authorised is near


@dataclass(frozen=True, slots=True)
class Intervals:
    """The clinic's own: days to the certification, days that one holds at most, treatment days between reports."""

    certify_days: int = 30
    recertify_days: int = 90
    report_visits: int = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on record of a case: the newest certification, and the treatment days since it and since a report."""

    first_treatment: date | None = None
    certified_on: date | None = None
    certified_until: date | None = None
    visits_authorised: int | None = None
    visits_since_certified: int = 0
    visits_since_report: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: by a day, or after so many visits more (0 and below: now). `is_near` asks for attention."""

    what: What
    on: date | None
    visits_left: int | None
    is_near: bool
    is_over: bool


def due(standing: Standing, intervals: Intervals, today: date) -> tuple[Due, ...]:
    """Return what is due for a plan of care, in the order of its dates; nothing before the first treatment."""
    if standing.first_treatment is None:
        return ()
    return tuple(_due(standing, standing.first_treatment, intervals, today))


def _due(standing: Standing, first: date, intervals: Intervals, today: date) -> Iterator[Due]:
    if standing.certified_on is None:
        yield _by_day("certification", first + timedelta(days=intervals.certify_days), today)
    else:
        latest = standing.certified_on + timedelta(days=intervals.recertify_days)
        yield _by_day("recertification", min(latest, standing.certified_until or latest), today)
    yield _by_visits("report", intervals.report_visits - standing.visits_since_report)
    if standing.visits_authorised is not None:
        yield _by_visits("authorised", standing.visits_authorised - standing.visits_since_certified)


def _by_day(what: What, on: date, today: date) -> Due:
    return Due(what, on, None, is_near=today >= on - SOON, is_over=today > on)


def _by_visits(what: What, left: int) -> Due:
    return Due(what, None, left, is_near=left <= FEW_VISITS, is_over=left <= 0)

"""When a plan asks for a re-assessment: at its half and at its end, by visits or by weeks, whichever comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Stage = Literal["half", "end"]
EARLY = timedelta(days=7)  # an examination this little before its day counts for it


@dataclass(frozen=True, slots=True)
class Course:
    """A signed plan so far: its first day, the weeks and visits it plans, the days of the signed visits in order.

    `clinic_weeks`: after how many weeks the clinic re-assesses at the latest. `examined_on`: the last examination.
    """

    started_on: date
    weeks: int | None
    sessions: int | None
    visited: Sequence[date]
    clinic_weeks: int
    examined_on: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A re-assessment that was due on a day and has not been made."""

    stage: Stage
    on: date


def due(course: Course, today: date) -> Due | None:
    """Return the re-assessment that is due by `today`, the later one where both are, or None.

    Half: half of the visits (rounded up), half of the weeks, or the clinic's weeks. End: all visits, or all weeks. An
    examination on that day, later, or up to a week before it answers it. Source: project design; six and twelve weeks
    for a plan of twelve.
    """
    stages: tuple[tuple[Stage, date | None], ...] = (("end", _end(course)), ("half", _half(course)))
    for stage, on in stages:
        if on is None or on > today:
            continue
        is_made = course.examined_on is not None and course.examined_on >= on - EARLY
        return None if is_made else Due(stage, on)
    return None


def _half(course: Course) -> date:
    by_weeks = [timedelta(weeks=course.clinic_weeks)]
    if course.weeks:
        by_weeks.append(timedelta(days=(course.weeks * 7 + 1) // 2))
    by_visits = _visit(course, (course.sessions + 1) // 2) if course.sessions else None
    return min([course.started_on + min(by_weeks), *filter(None, [by_visits])])


def _end(course: Course) -> date | None:
    by_weeks = course.started_on + timedelta(weeks=course.weeks) if course.weeks else None
    by_visits = _visit(course, course.sessions) if course.sessions else None
    return min(filter(None, [by_weeks, by_visits]), default=None)


def _visit(course: Course, number: int) -> date | None:
    """Return the day of the visit with this number, from 1, if it was made."""
    return course.visited[number - 1] if len(course.visited) >= number else None

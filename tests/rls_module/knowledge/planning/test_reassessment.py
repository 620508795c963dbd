"""When a plan asks for a re-assessment."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rls_module.knowledge.planning.reassessment import Course, Due, due

START = date(2026, 9, 7)


def day(number: int) -> date:
    return START + timedelta(days=number)


def course(*visits: int, **changes) -> Course:
    values = {"weeks": 12, "sessions": 9, "clinic_weeks": 6} | changes
    return Course(started_on=START, visited=[day(number) for number in visits], **values)


@pytest.mark.parametrize(
    ("so_far", "today", "expected"),
    [
        (course(), day(41), None),
        (course(), day(42), Due("half", day(42))),
        (course(0, 7, 14, 21), day(25), None),
        (course(0, 7, 14, 21, 28), day(28), Due("half", day(28))),
        (course(weeks=8), day(28), Due("half", day(28))),
        (course(weeks=30), day(42), Due("half", day(42))),
        (course(weeks=30, clinic_weeks=20), day(104), None),
        (course(weeks=30, clinic_weeks=20), day(105), Due("half", day(105))),
        (course(), day(84), Due("end", day(84))),
        (course(*range(9)), day(8), Due("end", day(8))),
        (course(*range(9)), day(300), Due("end", day(8))),
        (course(weeks=None, sessions=None), day(42), Due("half", day(42))),
        (course(weeks=None, sessions=None), day(400), Due("half", day(42))),
        (course(sessions=1, weeks=4), day(0), None),
        (course(0, sessions=1, weeks=4), day(0), Due("end", day(0))),
    ],
)
def test_half_and_end_come_by_visits_or_by_weeks_whichever_is_first(so_far, today, expected):
    assert due(so_far, today) == expected


@pytest.mark.parametrize(
    ("examined", "today", "stage"),
    [(34, 50, "half"), (35, 50, None), (60, 50, None), (60, 84, "end"), (76, 84, "end"), (77, 84, None)],
)
def test_an_examination_answers_it_from_a_week_before(examined, today, stage):
    found = due(course(examined_on=day(examined)), day(today))
    assert (found.stage if found else None) == stage

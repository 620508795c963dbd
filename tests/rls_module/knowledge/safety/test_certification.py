"""Certification, recertification and progress reports: each due from what is on record, by the clinic's intervals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rls_module.knowledge.safety.certification import Due, Intervals, Standing, due

FIRST = date(2026, 9, 7)
TODAY = date(2026, 9, 20)
REPORT = Due("report", None, 10, is_near=False, is_over=False)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def test_nothing_is_due_before_the_first_treatment():
    assert due(Standing(), Intervals(), TODAY) == ()


@pytest.mark.parametrize(
    ("today", "is_near", "is_over"),
    [
        (FIRST + days(15), False, False),
        (FIRST + days(16), True, False),
        (FIRST + days(30), True, False),
        (FIRST + days(31), True, True),
    ],
)
def test_a_plan_is_certified_within_thirty_days_of_the_first_treatment(today, is_near, is_over):
    """Domain 5.7."""
    found = due(Standing(first_treatment=FIRST), Intervals(), today)
    assert found == (Due("certification", date(2026, 10, 7), None, is_near=is_near, is_over=is_over), REPORT)


@pytest.mark.parametrize(
    ("until", "expected"),
    [(None, date(2026, 12, 9)), (date(2026, 11, 1), date(2026, 11, 1)), (date(2027, 3, 1), date(2026, 12, 9))],
)
def test_it_is_certified_again_by_its_end_and_after_ninety_days_at_most(until, expected):
    standing = Standing(first_treatment=FIRST, certified_on=date(2026, 9, 10), certified_until=until)
    assert due(standing, Intervals(), TODAY)[0] == Due("recertification", expected, None, is_near=False, is_over=False)


@pytest.mark.parametrize(
    ("visits", "left", "is_near", "is_over"),
    [(0, 10, False, False), (7, 3, False, False), (8, 2, True, False), (10, 0, True, True), (12, -2, True, True)],
)
def test_a_report_is_due_after_ten_treatment_days(visits, left, is_near, is_over):
    standing = Standing(first_treatment=FIRST, visits_since_report=visits)
    assert due(standing, Intervals(), TODAY)[1] == Due("report", None, left, is_near=is_near, is_over=is_over)


def test_authorised_visits_are_counted_from_the_certification():
    standing = Standing(first_treatment=FIRST, certified_on=FIRST, visits_authorised=12, visits_since_certified=11)
    assert due(standing, Intervals(), TODAY)[2] == Due("authorised", None, 1, is_near=True, is_over=False)


def test_the_intervals_are_the_clinics():
    own = Intervals(certify_days=14, recertify_days=60, report_visits=6)
    assert due(Standing(first_treatment=FIRST), own, TODAY) == (
        Due("certification", date(2026, 9, 21), None, is_near=True, is_over=False),
        Due("report", None, 6, is_near=False, is_over=False),
    )

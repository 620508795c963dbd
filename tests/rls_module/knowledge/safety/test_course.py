"""The course specifier. Source of the rules: domain reference 1.3."""

from __future__ import annotations

from typing import get_args

import pytest

from rls_module.knowledge.safety import course


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((58, False, 12, 2, None), "chronic_persistent"),
        ((None, False, 240, 7, 5), "chronic_persistent"),
        ((58, False, 12, 1.9, 5), "intermittent"),
        ((58, False, 12, 1, 4), "undetermined"),
        ((58, False, 12, 1, None), "undetermined"),
        ((58, False, 11, 7, 100), "undetermined"),
        ((58, False, None, 7, 100), "undetermined"),
        ((58, False, 24, None, 100), "undetermined"),
        ((17, False, 24, 7, 100), "not_applicable"),
        ((58, True, 24, 7, 100), "not_applicable"),
    ],
)
def test_the_course_follows_from_frequency_time_and_events(said, expected):
    age, is_provoked, months, weekly, events = said
    found = course.course(
        age=age,
        is_provoked=is_provoked,
        months_since_onset=months,
        untreated_per_week=weekly,
        lifetime_events=events,
    )
    assert found == expected


def test_every_course_has_words_in_both_languages():
    assert all(set(words) == set(get_args(course.Course)) for words in course.WORDS.values())

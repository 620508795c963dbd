"""The course specifier: how often it was without treatment, over the last year. Says nothing about the criteria."""

from __future__ import annotations

from typing import Literal

Course = Literal["chronic_persistent", "intermittent", "undetermined", "not_applicable"]

ALGORITHM = "1"
ADULT = 18
MONTHS = 12
OFTEN = 2  # nights a week, on average over the past year
EVENTS = 5

WORDS: dict[str, dict[Course, str]] = {
    "en": {
        "chronic_persistent": "chronic persistent",
        "intermittent": "intermittent",
        "undetermined": "course undetermined",
        "not_applicable": "course not applicable",
    },
    "es": {
        "chronic_persistent": "crónica persistente",
        "intermittent": "intermitente",
        "undetermined": "curso sin determinar",
        "not_applicable": "curso no aplicable",
    },
}


def course(
    *,
    age: int | None,
    is_provoked: bool,
    months_since_onset: int | None,
    untreated_per_week: float | None,
    lifetime_events: int | None,
) -> Course:
    """Return the course; `untreated_per_week` is nights a week without treatment, on average over the past year.

    `is_provoked` (by pregnancy or a drug) is a clinician's word. An unknown age counts as adult.
    Source: IRLSSG consensus (Allen RP et al., Sleep Med 2014;15:860); the order of the rules is project design.
    """
    if (age is not None and age < ADULT) or is_provoked:
        return "not_applicable"
    if months_since_onset is None or months_since_onset < MONTHS or untreated_per_week is None:
        return "undetermined"
    if untreated_per_week >= OFTEN:
        return "chronic_persistent"
    return "intermittent" if lifetime_events is not None and lifetime_events >= EVENTS else "undetermined"

"""Reads of the intake room."""

from __future__ import annotations

from rls_module.intake.queries.findings import (
    criteria_words,
    latest_labs,
    latest_review,
    latest_screen,
    panels,
    reviews,
)
from rls_module.intake.queries.intakes import (
    SectionState,
    draft_intake,
    has_baseline,
    instrument_of,
    intakes,
    latest_intake,
    opening_hours,
    sections,
    start_before,
)
from rls_module.intake.queries.medicines import (
    has_augmenting,
    medicine_alerts,
    medicine_changes,
    medicines,
    takes_augmenting,
)
from rls_module.intake.queries.reviewing import (
    Difference,
    answers_of,
    differences,
    differs,
    sent_answers,
    sent_in,
    spelled,
    unreviewed,
)

__all__ = [
    "Difference",
    "SectionState",
    "answers_of",
    "criteria_words",
    "differences",
    "differs",
    "draft_intake",
    "has_augmenting",
    "has_baseline",
    "instrument_of",
    "intakes",
    "latest_intake",
    "latest_labs",
    "latest_review",
    "latest_screen",
    "medicine_alerts",
    "medicine_changes",
    "medicines",
    "opening_hours",
    "panels",
    "reviews",
    "sections",
    "sent_answers",
    "sent_in",
    "spelled",
    "start_before",
    "takes_augmenting",
    "unreviewed",
]

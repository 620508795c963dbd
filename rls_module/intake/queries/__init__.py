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
from rls_module.intake.queries.referrals import (
    Concern,
    Discussion,
    for_the_prescriber,
    is_in_error,
    open_red_flags,
    outcomes,
    red_flag_words,
    referrals,
    waiting,
)

__all__ = [
    "Concern",
    "Discussion",
    "SectionState",
    "criteria_words",
    "draft_intake",
    "for_the_prescriber",
    "has_augmenting",
    "has_baseline",
    "instrument_of",
    "intakes",
    "is_in_error",
    "latest_intake",
    "latest_labs",
    "latest_review",
    "latest_screen",
    "medicine_alerts",
    "medicine_changes",
    "medicines",
    "open_red_flags",
    "opening_hours",
    "outcomes",
    "panels",
    "red_flag_words",
    "referrals",
    "reviews",
    "sections",
    "start_before",
    "takes_augmenting",
    "waiting",
]

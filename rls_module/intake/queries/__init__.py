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
from rls_module.intake.queries.medicines import (
    has_augmenting,
    medicine_alerts,
    medicine_changes,
    medicines,
    takes_augmenting,
)

__all__ = [
    "criteria_words",
    "has_augmenting",
    "latest_labs",
    "latest_review",
    "latest_screen",
    "medicine_alerts",
    "medicine_changes",
    "medicines",
    "panels",
    "reviews",
    "takes_augmenting",
]

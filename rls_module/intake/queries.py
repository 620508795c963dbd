"""Reads of the intake room."""

from __future__ import annotations

from rls_module.cases.models import Chart
from rls_module.intake.models import Screen


def latest_screen(chart: Chart) -> Screen | None:
    """Return the chart's newest screen."""
    return Screen.objects.filter(chart=chart).select_related("response").order_by("-created_at", "-pk").first()

"""Whose rows an export may hold: asked of the host again each time that one is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart
from rls_module.host import adapter

RESEARCH = "research"


def charts_of(scope: str) -> list[Chart]:
    """Return the charts of the patients whom the host has, and has in this scope now."""
    rows = Chart.objects.filter(scope=scope, patient__in=adapter().patients().values("pk"))
    return [chart for chart in rows.select_related("patient").order_by("pk") if is_in(chart, scope)]


def for_research(charts: Sequence[Chart], *, on: date) -> list[Chart]:
    """Return those of `charts` that have a case, and whose patients' agreement to research stands on that day."""
    treated = set(Case.objects.values_list("chart_id", flat=True))
    return case_queries.consenting([chart for chart in charts if chart.pk in treated], RESEARCH, on=on)


def is_in(chart: Chart, scope: str) -> bool:
    """True while chart and host agree that the patient belongs to `scope`."""
    return chart.scope == scope == adapter().scope_of(chart.patient)

"""What the chart page and the worklist show. Reads only."""

from __future__ import annotations

from rls_module.outcomes.queries.chart import ChartPage, chart_page
from rls_module.outcomes.queries.sitting import lines, response_of
from rls_module.outcomes.queries.words import reason_words
from rls_module.outcomes.queries.worklist import (
    ahead,
    begun_intakes,
    charts_of_patients,
    open_tasks,
    undeliverable,
    unsigned,
    unsigned_plans,
    waiting,
)

__all__ = [
    "ChartPage",
    "ahead",
    "begun_intakes",
    "chart_page",
    "charts_of_patients",
    "lines",
    "open_tasks",
    "reason_words",
    "response_of",
    "undeliverable",
    "unsigned",
    "unsigned_plans",
    "waiting",
]

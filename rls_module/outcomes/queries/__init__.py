"""What the chart page and the worklist show. Reads only."""

from __future__ import annotations

from rls_module.outcomes.queries.billing import signed_between, signed_of
from rls_module.outcomes.queries.chart import ChartPage, chart_page
from rls_module.outcomes.queries.records import cases, charts, followups, responses, visits
from rls_module.outcomes.queries.rooms import DUE_WORDS
from rls_module.outcomes.queries.sitting import lines, response_of
from rls_module.outcomes.queries.witnessed import MOST_EVENTS, Witnessed, witnessed
from rls_module.outcomes.queries.words import reason_words
from rls_module.outcomes.queries.worklist import (
    ahead,
    begun_intakes,
    charts_of_patients,
    intakes_sent_in,
    open_tasks,
    to_reassess,
    undeliverable,
    unsigned,
    unsigned_plans,
    waiting,
)

__all__ = [
    "DUE_WORDS",
    "MOST_EVENTS",
    "ChartPage",
    "Witnessed",
    "ahead",
    "begun_intakes",
    "cases",
    "chart_page",
    "charts",
    "charts_of_patients",
    "followups",
    "intakes_sent_in",
    "lines",
    "open_tasks",
    "reason_words",
    "response_of",
    "responses",
    "signed_between",
    "signed_of",
    "to_reassess",
    "undeliverable",
    "unsigned",
    "unsigned_plans",
    "visits",
    "waiting",
    "witnessed",
]

"""A clinic's records as other systems read them: filtered by what was asked for, and not yet by who asks.

Each comes with what its representation needs, so that a page asks as often for one row as for a hundred.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from rls_module.cases.models import Case, Chart, Response
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.visits.models import Visit


def charts(*, has_open_case: bool | None = None) -> QuerySet[Chart]:
    """Return charts; with, or without, an open case where that is asked."""
    rows = Chart.objects.prefetch_related("cases")
    if has_open_case is None:
        return rows
    is_open = Exists(Case.objects.filter(chart=OuterRef("pk")).exclude(status=Case.Status.CLOSED))
    return rows.filter(is_open) if has_open_case else rows.exclude(is_open)


def cases(*, chart: UUID | None = None, status: str | None = None) -> QuerySet[Case]:
    """Return cases, of one chart or in one status where that is asked."""
    rows = Case.objects.select_related("chart").prefetch_related("activities", "milestones")
    return rows.filter(**_asked(chart__uuid=chart, status=status))


def visits(
    *,
    chart: UUID | None = None,
    case: UUID | None = None,
    status: str | None = None,
    on_or_after: date | None = None,
    on_or_before: date | None = None,
) -> QuerySet[Visit]:
    """Return visit notes, but those put aside as drafts."""
    rows = Visit.objects.exclude(status=Visit.Status.DISCARDED).select_related("chart", "case")
    rows = rows.prefetch_related("needling_sites", "fascial_points", "exercises")
    between = {"visit_date__gte": on_or_after, "visit_date__lte": on_or_before}
    return rows.filter(**_asked(chart__uuid=chart, case__uuid=case, status=status, **between))


def followups(
    *,
    chart: UUID | None = None,
    state: str | None = None,
    due_on_or_after: date | None = None,
    due_on_or_before: date | None = None,
) -> QuerySet[Occurrence]:
    """Return times of asking with their mails."""
    rows = followup_queries.asking().select_related("chart", "enrolment__case", "response")
    rows = rows.prefetch_related("deliveries")
    between = {"due_on__gte": due_on_or_after, "due_on__lte": due_on_or_before}
    return rows.filter(**_asked(chart__uuid=chart, state=state, **between))


def responses(*, chart: UUID | None = None, instrument: str | None = None) -> QuerySet[Response]:
    """Return sittings with their measurements."""
    rows = Response.objects.select_related("chart", "case", "occurrence").prefetch_related("measurements")
    return rows.filter(**_asked(chart__uuid=chart, instruments__has_key=instrument))


def _asked(**filters: Any) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}

"""Signed visits as a biller asks for them: by days, or of one patient."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from rls_module.cases.models import Chart
from rls_module.visits.models import Visit


def signed_between(first: date, last: date) -> QuerySet[Visit]:
    """Return the signed visits of these days, both ends included, the newest first."""
    return _signed().filter(visit_date__gte=first, visit_date__lte=last)


def signed_of(chart: Chart) -> QuerySet[Visit]:
    """Return the chart's signed visits, the newest first."""
    return _signed().filter(chart=chart).select_related("chart__patient")


def _signed() -> QuerySet[Visit]:
    return Visit.objects.filter(status=Visit.Status.SIGNED).order_by("-visit_date", "-pk")

"""Adverse events of a case, and what came of each."""

from __future__ import annotations

from django.db.models import QuerySet

from rls_module.cases.models import Case
from rls_module.visits.models import AdverseEvent, AdverseEventFollowUp, Visit


def adverse_events(case: Case) -> QuerySet[AdverseEvent]:
    """Return the adverse events of a case with what came of them, the newest first."""
    rows = AdverseEvent.objects.filter(case=case).select_related("visit").prefetch_related("follow_ups")
    return rows.order_by("-occurred_on", "-pk")


def follow_ups(event: AdverseEvent) -> list[AdverseEventFollowUp]:
    """Return what came of an event, the newest first: that one counts."""
    return sorted(event.follow_ups.all(), key=lambda row: row.pk, reverse=True)


def events_of(visit: Visit) -> QuerySet[AdverseEvent]:
    """Return the adverse events that were recorded with a visit."""
    return AdverseEvent.objects.filter(visit=visit).order_by("pk")

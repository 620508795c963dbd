"""What waits for a person, over all patients; who may see which row is the gate's question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from rls_module.cases.models import Chart, Task
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.visits import queries as visit_queries
from rls_module.visits.models import Visit


def open_tasks() -> QuerySet[Task]:
    """Return the tasks that wait for a person, the most pressing first."""
    return Task.objects.exclude(state=Task.State.DONE).order_by(F("due_at").asc(nulls_last=True), "pk")


def charts_of_patients(keys: Iterable[str]) -> QuerySet[Chart]:
    """Return the charts of the host's patients with these keys."""
    return Chart.objects.filter(patient_id__in=list(keys)).order_by("pk")


def unsigned(author_id: Any) -> QuerySet[Visit]:
    """Return the author's drafts."""
    return visit_queries.unsigned_of(author_id).select_related("chart__patient")


def undeliverable() -> QuerySet[Delivery]:
    """Return the messages that did not go out although the survey is still open."""
    rows = Delivery.objects.filter(state__in=followup_queries.FAILED_STATES, occurrence__state=Occurrence.State.OPEN)
    return rows.select_related("occurrence").order_by("due_at", "pk")


def waiting(now: datetime) -> QuerySet[Occurrence]:
    """Return what was asked and waits for an answer, the one that closes first at the top."""
    return Occurrence.objects.filter(state=Occurrence.State.OPEN, due_at__lte=now).order_by("window_end", "pk")

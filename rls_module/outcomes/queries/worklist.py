"""What waits for a person, over all patients; who may see which row is the gate's question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, QuerySet

from rls_module.assessment import queries as assessment_queries
from rls_module.cases.models import Case, Chart, Response, Task
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host import adapter
from rls_module.intake import queries as intake_queries
from rls_module.intake.models import Intake
from rls_module.knowledge.planning import reassessment
from rls_module.library import queries as library_queries
from rls_module.plans import queries as plan_queries
from rls_module.plans.models import Plan
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


def unsigned_plans(author_id: Any) -> QuerySet[Plan]:
    """Return the author's plans that are not signed yet, oldest first."""
    rows = Plan.objects.filter(author_id=author_id, status=Plan.Status.DRAFT)
    return rows.select_related("chart__patient").order_by("created_at", "pk")


def to_reassess(author_id: Any, scope: str, now: datetime) -> tuple[QuerySet[Plan], dict[int, reassessment.Due]]:
    """Return the author's running plans that ask for a re-assessment by `now`, longest first, and what each asks for.

    In as many queries for thirty plans as for one.
    """
    zone = adapter().brand(scope).zone
    today = now.astimezone(zone).date()
    weeks = library_queries.policy(scope).reassess_weeks
    of_author = Plan.objects.filter(author_id=author_id, status=Plan.Status.ACTIVE, chart__scope=scope)
    of_author = of_author.filter(case__status=Case.Status.OPEN)
    plans: dict[int, list[Plan]] = {}
    for plan in Plan.objects.filter(case_id__in=of_author.values("case_id")):
        plans.setdefault(plan.case_id, []).append(plan)
    visited, examined = plan_queries.visited(plans), assessment_queries.latest_days(plans)
    due: dict[int, reassessment.Due] = {}
    for case, rows in plans.items():
        past = plan_queries.Past(rows, visited.get(case, []), examined.get(case))
        for plan in rows:
            found = plan_queries.progress(plan, past, clinic_weeks=weeks, zone=zone, today=today).due
            if found is not None:
                due[plan.pk] = found
    return Plan.objects.filter(pk__in=due).select_related("chart__patient", "case").order_by("signed_at", "pk"), due


def begun_intakes(user_id: Any) -> QuerySet[Intake]:
    """Return the intakes that this person began and did not finish, oldest first."""
    rows = Intake.objects.filter(started_by_id=user_id, status=Intake.Status.DRAFT)
    return rows.select_related("chart__patient", "case").order_by("created_at", "pk")


def intakes_sent_in() -> QuerySet[Response]:
    """Return the intakes that patients answered ahead and no therapist has been through, the oldest first."""
    return intake_queries.sent_in().order_by("answered_at", "pk")


def undeliverable(now: datetime) -> QuerySet[Delivery]:
    """Return, for each survey that is open and was to be mailed by now, the last message that did not go out."""
    failed = Delivery.objects.filter(
        state__in=followup_queries.FAILED_STATES,
        due_at__lte=now,
        occurrence__state=Occurrence.State.OPEN,
        occurrence__due_at__lte=now,
    )
    last = failed.values("occurrence").annotate(last=Max("pk")).values("last")
    return Delivery.objects.filter(pk__in=last).select_related("occurrence").order_by("due_at", "pk")


def ahead(now: datetime) -> QuerySet[Occurrence]:
    """Return what will be asked within a week, the next one first."""
    soon = followup_queries.asking().filter(due_at__gt=now, due_at__lte=now + timedelta(days=7))
    return soon.filter(state=Occurrence.State.OPEN).order_by("due_at", "pk")


def waiting(now: datetime) -> QuerySet[Occurrence]:
    """Return what was asked and waits for an answer, the one that closes first at the top."""
    return followup_queries.asking().filter(state=Occurrence.State.OPEN, due_at__lte=now).order_by("window_end", "pk")

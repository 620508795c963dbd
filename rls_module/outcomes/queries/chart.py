"""Everything on one patient's chart page, in a constant number of queries whatever the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart, Task
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host import adapter
from rls_module.knowledge.protocols import ahead
from rls_module.outcomes.charts import Trend
from rls_module.outcomes.queries import course
from rls_module.outcomes.queries.rooms import RoomState, room_states
from rls_module.outcomes.queries.scales import Scale, scales_of
from rls_module.outcomes.queries.timeline import (
    MOST_TIMELINE,
    Event,
    medicine_changes,
    papers_mailed,
    sent_in,
    timeline,
    treatments,
)
from rls_module.outcomes.queries.words import state_words
from rls_module.outcomes.queries.worklist import open_tasks
from rls_module.visits import queries as visit_queries
from rls_module.visits.models import Visit


@dataclass(frozen=True, slots=True)
class ChartPage:
    """Everything on the chart page of one patient."""

    case: Case | None
    rooms: tuple[RoomState, ...]
    columns: tuple[course.Column, ...]
    rows: tuple[course.Row, ...]
    scales: tuple[Scale, ...]
    trend: Trend | None
    trend_words: str
    changes: tuple[Event, ...]
    tasks: tuple[tuple[Task, str], ...]
    drafts: tuple[Visit, ...]
    signed_count: int
    followups: tuple[tuple[Occurrence, str, str], ...]
    timeline: tuple[Event, ...]
    has_baseline: bool
    mail_agreed: bool
    mail_off: bool
    intake_asked: Occurrence | None


def chart_page(chart: Chart, *, now: datetime, language: str) -> ChartPage:
    """Return the chart page of `chart` at `now`: the latest case, its course, and what needs a person."""
    case = case_queries.latest_case(chart)
    zone = adapter().brand(chart.scope).zone
    planned_and_sent = list(_occurrences(case)) if case else []
    occurrences = [row for row in planned_and_sent if not followup_queries.is_papers(row)]
    mailed = (row for row in planned_and_sent if followup_queries.is_papers(row))
    asked = next((row for row in reversed(occurrences) if row.step == ahead.STEP), None)
    columns = course.columns_of(case, occurrences, zone, language, now) if case else ()
    values = course.values_of(columns)
    visits = list(visit_queries.visits_of(case)[:MOST_TIMELINE]) if case else []
    changes = medicine_changes(case) if case else []
    return ChartPage(
        case=case,
        rooms=room_states(case, asked, now=now, zone=zone, language=language) if case else (),
        columns=columns,
        rows=course.rows_of(columns, values, case_queries.activities(case) if case else [], language),
        scales=scales_of(case, zone, language) if case else (),
        trend=course.nights_trend(columns, values, treatments(case) if case else [], [event.on for event in changes]),
        trend_words=course.trend_words(columns, values),
        changes=tuple(changes),
        tasks=tuple((task, case_queries.task_words(task, language)) for task in open_tasks().filter(chart=chart)),
        drafts=tuple(visit for visit in visits if visit.is_draft),
        signed_count=visit_queries.signed_count(case) if case else 0,
        followups=tuple(
            (row, case_queries.step_name(row.step, language), state_words(row, now, zone)) for row in occurrences
        ),
        timeline=timeline(
            case,
            visits,
            columns,
            [*sent_in(occurrences, zone), *papers_mailed(mailed, zone, language), *changes],
            zone=zone,
            language=language,
        )
        if case
        else (),
        has_baseline=bool(columns) and columns[0].response is not None,
        mail_agreed=followup_queries.may_mail(chart),
        mail_off=followup_queries.has_mail_off(chart),
        intake_asked=asked,
    )


def _occurrences(case: Case) -> QuerySet[Occurrence]:
    deliveries = Prefetch("deliveries", queryset=Delivery.objects.order_by("due_at", "pk"))
    is_paper = Q(step=ahead.PAPERS_STEP)
    rows = Occurrence.objects.filter(enrolment__case=case).filter(is_paper | ~Q(state=Occurrence.State.CANCELLED))
    return rows.select_related("response").prefetch_related(deliveries).order_by("due_at", "pk")

"""Charts, cases and their milestones: opening them, naming activities, reaching a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError

from rls_module import signals
from rls_module.cases import queries
from rls_module.cases.actions.records import record
from rls_module.cases.models import Activity, Case, Chart, Milestone
from rls_module.host import adapter, transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store


class CaseAlreadyOpen(Exception):
    """The chart has an open case; it can be continued or closed, not doubled."""


@transaction.atomic
def open_chart(*, patient: Any, actor: Actor, now: datetime) -> Chart:
    """Return the patient's chart, made now if there was none."""
    chart = queries.chart_of_patient(patient)
    if chart is not None:
        return chart
    try:
        with transaction.atomic():
            chart = store(Chart(patient=patient, scope=adapter().scope_of(patient), created_at=now))
    except IntegrityError:  # two doors at once: the other one's chart is the chart
        return Chart.objects.get(patient=patient)
    record(actor, "screen.create", chart, chart, fields=("patient", "scope"))
    return chart


@transaction.atomic
def open_case(
    *,
    chart: Chart,
    reason: str,
    on: date,
    actor: Actor,
    now: datetime,
    note: str = "",
    known_elsewhere: bool = False,
) -> Case:
    """Open the chart's one case; `reason` is primary or incidental, `on` the clinic's date.

    Raises CaseAlreadyOpen where one is open or on hold.
    """
    case = Case(
        chart=chart,
        reason=reason,
        open_key=chart.pk,
        opened_on=on,
        opened_by_id=actor.user_id,
        opened_by_name=actor.name,
        opening_note=note,
        known_elsewhere=known_elsewhere,
        created_at=now,
    )
    try:
        with transaction.atomic():
            store(case)
    except IntegrityError:
        raise CaseAlreadyOpen from None
    record(actor, "case.open", chart, case, fields=("reason", "status"))
    transaction.on_commit(partial(signals.case_opened.send, Case, case_id=case.pk))
    return case


@transaction.atomic
def name_activities(*, case: Case, texts: Sequence[str], actor: Actor, now: datetime) -> list[Activity]:
    """Keep up to three activities the patient named, in order; those named before and not again are retired."""
    texts = list(dict.fromkeys(texts))
    kept = {activity.text: activity for activity in queries.activities(case)}
    for text, activity in kept.items():
        if text not in texts:
            activity.retired_at = now
            store(activity)
    named = []
    for position, text in enumerate(texts[:3], 1):
        activity = kept.get(text) or Activity(case=case, text=text, created_at=now)
        activity.position = position
        named.append(store(activity))
    record(actor, "case.edit", case.chart, case, fields=("activities",))
    return named


@transaction.atomic
def reach(*, case: Case, kind: str, on: date, ref: str, actor: Actor, now: datetime) -> Milestone:
    """Record that `case` reached a milestone (`kind`, a date, what it refers to) and have its follow-ups planned anew.

    The same milestone again moves its date; nothing is doubled.
    """
    milestone, _ = Milestone.objects.update_or_create(
        case=case, kind=kind, ref=ref, defaults={"on": on}, create_defaults={"on": on, "created_at": now}
    )
    Case.objects.filter(pk=case.pk).update(replan_at=now)
    record(actor, "case.edit", case.chart, milestone, fields=("kind", "on"))
    return milestone

"""Adverse events: what happened stays as it was told, what came of it is added, a grave one is somebody's task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rls_module.audit import log
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Task
from rls_module.host import adapter, transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.knowledge.safety import adverse, opening
from rls_module.library import queries as library_queries
from rls_module.visits.models import AdverseEvent, AdverseEventFollowUp


class NotOfThisCase(Exception):
    """An event belongs to a visit of its own case."""


@transaction.atomic
def record_event(*, case: Case, values: Mapping[str, Any], actor: Actor, now: datetime) -> AdverseEvent:
    """Keep an adverse event; `values` are fields of AdverseEvent, `tier` the least that it is, or "".

    A significant or serious one that is not over opens a task of the recorder's, due in the clinic's opening time.
    Raises KeyError for an event that there is not, NotOfThisCase for another case's visit.
    """
    visit = values.get("visit")
    if visit is not None and visit.case_id != case.pk:
        raise NotOfThisCase
    tier = adverse.tier(values["event"], at_least=values.get("tier", ""))
    event = store(
        AdverseEvent(
            chart=case.chart,
            case=case,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.printed,
            created_at=now,
            **{**values, "tier": tier},
        )
    )
    _record(actor, "adverse_event.create", event, fields=tuple(values))
    _open_task(event, actor, now)
    return event


@transaction.atomic
def follow_up_event(
    *, event: AdverseEvent, values: Mapping[str, Any], actor: Actor, now: datetime
) -> AdverseEventFollowUp:
    """Add what came of an event; `values` are fields of AdverseEventFollowUp. Resolved, its task is done.

    One that goes on after all is a task again.
    """
    row = store(
        AdverseEventFollowUp(
            chart=event.chart,
            event=event,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.printed,
            created_at=now,
            **values,
        )
    )
    _record(actor, "adverse_event.follow_up", row, fields=tuple(values))
    waiting = Task.objects.select_for_update().filter(rule="adverse_event", params__event=str(event.uuid))
    is_open = False
    for task in waiting.exclude(state=Task.State.DONE):
        is_open = True
        if row.outcome == AdverseEvent.Outcome.RESOLVED:
            case_actions.close_task(task=task, seen=task.version, outcome=row.note, actor=actor, now=now)
    if not is_open and row.outcome != AdverseEvent.Outcome.RESOLVED:
        _open_task(event, actor, now, again=f":{row.pk}")
    return row


def _open_task(event: AdverseEvent, actor: Actor, now: datetime, *, again: str = "") -> None:
    due = adverse.DUE[event.tier]  # type: ignore[index]
    if due is None or (event.outcome == AdverseEvent.Outcome.RESOLVED and not again):
        return
    scope = event.chart.scope
    task = case_actions.open_task(
        chart=event.chart,
        case=event.case,
        kind=Task.Kind.ADVERSE_EVENT,
        rule="adverse_event",
        params={"event": str(event.uuid), "what": event.event},
        due_at=opening.due_at(now, due, library_queries.opening_hours(scope, adapter().brand(scope).zone)),
        actor=actor,
        now=now,
        cause_key=f"adverse_event:{event.pk}{again}",
    )
    if task is not None and actor.user_id is not None:
        case_actions.take_task(task=task, seen=task.version, actor=actor)


def _record(actor: Actor, verb: str, row: AdverseEvent | AdverseEventFollowUp, *, fields: tuple[str, ...]) -> None:
    log.record(
        actor=actor,
        verb=verb,
        kind=row._meta.model_name or "",
        ref=row.uuid,
        patient=row.chart.patient_id,
        scope=row.chart.scope,
        fields=fields,
    )

"""What a person must do: opened once for a cause, taken by somebody, closed with what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError

from rls_module import signals
from rls_module.cases.actions.records import record
from rls_module.cases.models import Case, Chart, Task
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, advance, store


@transaction.atomic
def open_task(
    *,
    chart: Chart,
    case: Case | None,
    kind: str,
    rule: str,
    actor: Actor,
    now: datetime,
    params: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    cause_key: str | None = None,
) -> Task | None:
    """Open a task for a person; returns None where the same cause (`cause_key`) has already opened one."""
    task = Task(
        chart=chart,
        case=case,
        scope=chart.scope,
        kind=kind,
        rule=rule,
        params=dict(params or {}),
        due_at=due_at,
        cause_key=cause_key,
        created_at=now,
    )
    try:
        with transaction.atomic():
            store(task)
    except IntegrityError:
        return None
    record(actor, "task.create", chart, task, fields=("kind", "rule", "due_at"))
    transaction.on_commit(partial(signals.alert_raised.send, Task, task_id=task.pk))
    return task


@transaction.atomic
def take_task(*, task: Task, seen: int, actor: Actor) -> None:
    """Make `actor` the owner of an open task. Raises Stale when it changed since version `seen`."""
    _advance_open(task, seen)
    task.owner_id, task.owner_name, task.state = actor.user_id, actor.name, Task.State.TAKEN
    store(task)
    record(actor, "task.edit", task.chart, task, fields=("owner", "state"))


@transaction.atomic
def close_task(*, task: Task, seen: int, outcome: str, actor: Actor, now: datetime) -> None:
    """Close a task with what came of it.

    Raises ValueError for an empty outcome, Stale when the task changed since version `seen`.
    """
    if not outcome.strip():
        raise ValueError("a task is closed with what came of it")
    _advance_open(task, seen)
    task.state, task.outcome, task.closed_at, task.closed_by_name = Task.State.DONE, outcome, now, actor.name
    store(task)
    record(actor, "task.close", task.chart, task, fields=("state", "outcome"))
    transaction.on_commit(partial(signals.alert_resolved.send, Task, task_id=task.pk))


def _advance_open(task: Task, seen: int) -> None:
    """Take version `seen` of a task that is not closed; a closed one is nobody's to change."""
    if Task.objects.filter(pk=task.pk, state=Task.State.DONE).exists():
        raise Stale
    advance(task, seen=seen)

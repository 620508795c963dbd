"""Writes of the case room: each in one transaction with its audit event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from rls_module import signals
from rls_module.audit import log
from rls_module.cases import queries
from rls_module.cases.models import (
    Activity,
    Case,
    Chart,
    Consent,
    Measurement,
    Milestone,
    Response,
    Signature,
    Task,
)
from rls_module.host import adapter
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, advance, store
from rls_module.knowledge.instruments import scoring


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
    _record(actor, "screen.create", chart, chart, fields=("patient", "scope"))
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
    _record(actor, "case.open", chart, case, fields=("reason", "status"))
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
    _record(actor, "case.edit", case.chart, case, fields=("activities",))
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
    _record(actor, "case.edit", case.chart, milestone, fields=("kind", "on"))
    return milestone


@transaction.atomic
def store_response(
    *,
    chart: Chart,
    case: Case | None,
    instruments: Mapping[str, int],
    phase: str,
    language: str,
    mode: str,
    answers: Mapping[str, Any],
    missing: Mapping[str, str],
    measured: Iterable[scoring.Measured],
    actor: Actor,
    now: datetime,
    respondent_role: str = "patient",
) -> Response:
    """Keep one sitting and what was measured in it.

    `answers` and `missing` are keyed `instrument.item`; `measured` comes from the pinned instruments' own scoring.
    """
    response = store(
        Response(
            chart=chart,
            case=case,
            instruments=dict(instruments),
            phase=phase,
            language=language,
            mode=mode,
            respondent_role=respondent_role,
            answers=dict(answers),
            missing=dict(missing),
            answered_at=now,
            entered_by_id=actor.user_id,
            entered_by_name=actor.name,
            created_at=now,
        )
    )
    Measurement.objects.bulk_create(
        Measurement(
            chart=chart,
            case=case,
            response=response,
            measure=row.measure,
            subject=row.subject,
            value=row.value,
            at=now,
            derived=row.derived,
            algorithm=scoring.ALGORITHM,
            created_at=now,
        )
        for row in measured
    )
    _record(actor, "response.create", chart, response, fields=("answers",))
    return response


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
    _record(actor, "task.create", chart, task, fields=("kind", "rule", "due_at"))
    transaction.on_commit(partial(signals.alert_raised.send, Task, task_id=task.pk))
    return task


@transaction.atomic
def take_task(*, task: Task, seen: int, actor: Actor) -> None:
    """Make `actor` the owner of an open task. Raises Stale when it changed since version `seen`."""
    _advance_open(task, seen)
    task.owner_id, task.owner_name, task.state = actor.user_id, actor.name, Task.State.TAKEN
    store(task)
    _record(actor, "task.edit", task.chart, task, fields=("owner", "state"))


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
    _record(actor, "task.close", task.chart, task, fields=("state", "outcome"))
    transaction.on_commit(partial(signals.alert_resolved.send, Task, task_id=task.pk))


def _advance_open(task: Task, seen: int) -> None:
    """Take version `seen` of a task that is not closed; a closed one is nobody's to change."""
    if Task.objects.filter(pk=task.pk, state=Task.State.DONE).exists():
        raise Stale
    advance(task, seen=seen)


@transaction.atomic
def give_consent(
    *, chart: Chart, purpose: str, text_version: str, language: str, actor: Actor, now: datetime
) -> Consent:
    """Record that the patient agreed to `purpose`, in which words and language, and who wrote it down."""
    consent = store(
        Consent(
            chart=chart,
            purpose=purpose,
            text_version=text_version,
            language=language,
            given_at=now,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.name,
            created_at=now,
        )
    )
    _record(actor, "consent.create", chart, consent, fields=("purpose",))
    return consent


@transaction.atomic
def withdraw_consent(*, chart: Chart, purpose: str, actor: Actor, now: datetime) -> int:
    """Withdraw every standing consent to `purpose`; returns how many there were. The record stays."""
    count = Consent.objects.filter(chart=chart, purpose=purpose, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by_name=actor.name
    )
    _record(actor, "consent.withdraw", chart, chart, fields=("withdrawn_at",))
    return count


@transaction.atomic
def add_signature(
    *, chart: Chart, kind: str, ref: UUID, meaning: str, content_hash: str, actor: Actor, now: datetime
) -> Signature:
    """Append who signed the `kind` with the uuid `ref`, as what, and the hash of what they saw."""
    signature = store(
        Signature(
            chart=chart,
            kind=kind,
            ref=ref,
            meaning=meaning,
            signer_id=actor.user_id,
            signer_name=actor.name,
            signed_at=now,
            content_hash=content_hash,
            created_at=now,
        )
    )
    _record(actor, f"{kind}.sign", chart, signature, fields=("meaning", "content_hash"))
    return signature


def _record(actor: Actor, verb: str, chart: Chart, row: Any, *, fields: Iterable[str]) -> None:
    log.record(
        actor=actor,
        verb=verb,
        kind=row._meta.model_name,
        ref=row.uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        fields=fields,
    )

"""Protocols and plans: making the rows of a case's follow-ups agree with its milestones."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from rls_module.audit import log
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart, Milestone, Task
from rls_module.followups import links, queries
from rls_module.followups.models import Delivery, Enrolment, Occurrence, Protocol, ProtocolVersion, Touchpoint
from rls_module.host import adapter, database, transaction
from rls_module.host.actor import Actor, system
from rls_module.host.rows import store
from rls_module.knowledge.protocols import ahead, schedule
from rls_module.knowledge.protocols import loading as protocol_loading
from rls_module.library import queries as library_queries

logger = logging.getLogger(__name__)

MOST_STRAYS = 500


@transaction.atomic
def install_protocol(*, scope: str, key: str, actor: Actor, now: datetime) -> bool:
    """Give `scope` its own copy of the shipped protocol `key`; False, and nothing written, where it has one."""
    if queries.has_protocol(scope, key):
        return False
    shipped = protocol_loading.shipped(key)
    protocol = store(Protocol(scope=scope, key=key, name=dict(shipped.name), created_at=now))
    version = store(ProtocolVersion(protocol=protocol, number=1, send_time=shipped.send_time, created_at=now))
    for touchpoint in shipped.touchpoints:
        values = touchpoint.model_dump(mode="json")
        store(Touchpoint(version=version, created_at=now, **values))
    log.record(
        actor=actor, verb="protocol.edit", kind="protocol", ref=protocol.uuid, scope=scope, fields=("touchpoints",)
    )
    return True


def plan_marked(*, scope: str, now: datetime) -> int:
    """Plan every case of `scope` that was marked; return how many were done. One bad case never stops the others."""
    planned = 0
    for case in queries.marked_cases(scope):
        try:
            planned += plan_case(case=case, actor=system("followups"), now=now)
        except Exception as error:  # noqa: BLE001  its text may hold a patient: only its type is told
            logger.error("the follow-ups of case %s could not be planned (%s)", case.pk, type(error).__name__)
    return planned


@transaction.atomic
def plan_case(*, case: Case, actor: Actor, now: datetime) -> bool:
    """Make the rows of a case's follow-ups agree with its milestones; running it again changes nothing.

    Unsent sends move with the anchor; what went out, was answered or was cancelled by a person stays. Returns False,
    with the mark left standing, where the scope has no protocol yet (`rls_setup`).
    """
    case = database.locked(Case.objects.all()).select_related("chart__patient").get(pk=case.pk)
    version = queries.protocol_version(case.chart.scope)
    if version is None:
        logger.error("scope %s has no protocol: run rls_setup", case.chart.scope)
        return False
    anchor = case_queries.milestone(case, Milestone.Kind.FIRST_VISIT)
    if anchor is not None:
        enrolment = enrol(case, version, now)
        _plan(enrolment, anchor, now)
    Case.objects.filter(pk=case.pk, replan_at=case.replan_at).update(replan_at=None)
    log.record(
        actor=actor,
        verb="enrolment.edit",
        kind="case",
        ref=case.uuid,
        patient=case.chart.patient_id,
        scope=case.chart.scope,
        fields=("occurrences",),
    )
    return True


def move_strays(*, scope: str, now: datetime) -> int:
    """Follow patients whose scope is another by now: move the chart of every due row, with what was not sent yet."""
    charts = {row.chart for row in queries.due(scope, now).select_related("chart__patient")[:MOST_STRAYS]}
    strays = [(chart, _scope_now(chart)) for chart in charts]
    for chart, to in strays:
        if to != scope:
            move_chart(chart=chart, to=to, actor=system("followups"))
    return sum(to != scope for _, to in strays)


def _scope_now(chart: Chart) -> str:
    try:
        return adapter().scope_of(chart.patient)
    except Exception as error:  # noqa: BLE001  its text may hold a patient: only its type is told
        logger.error("the host could not say where the patient of chart %s is (%s)", chart.pk, type(error).__name__)
        return chart.scope


@transaction.atomic
def move_chart(*, chart: Chart, to: str, actor: Actor) -> None:
    """Move a chart and its unsent rows to the scope `to`; a link that went out keeps the scope it was signed with."""
    sent = Delivery.objects.filter(chart=chart).exclude(state__in=(*queries.UNSENT, Delivery.State.CANCELLED))
    unsent = Occurrence.objects.filter(chart=chart).exclude(pk__in=sent.values("occurrence"))
    Delivery.objects.filter(occurrence__in=unsent, state__in=queries.UNSENT).update(scope=to)
    unsent.update(scope=to)
    Enrolment.objects.filter(chart=chart).update(scope=to)
    Task.objects.filter(chart=chart).exclude(state=Task.State.DONE).update(scope=to)
    Chart.objects.filter(pk=chart.pk).update(scope=to)
    log.record(
        actor=actor,
        verb="chart.move",
        kind="chart",
        ref=chart.uuid,
        patient=chart.patient_id,
        scope=to,
        fields=("scope",),
    )


def enrol(case: Case, version: ProtocolVersion, now: datetime) -> Enrolment:
    """Return the chart's enrolment; a case that was restarted ends the old one with what was still open of it."""
    there = queries.open_enrolment(case.chart, version)
    if there is not None and there.case_id == case.pk:
        return _on_newest(there, version)
    if there is not None:
        there.state, there.open_key, there.stopped_at, there.stop_reason = "stopped", None, now, "new_case"
        store(there)
        _cancel(Occurrence.objects.filter(enrolment=there, state=Occurrence.State.OPEN), "new_case")
    return store(
        Enrolment(
            chart=case.chart,
            case=case,
            version=version,
            scope=case.chart.scope,
            open_key=queries.open_key(case.chart, version),
            created_at=now,
        )
    )


def _on_newest(enrolment: Enrolment, version: ProtocolVersion) -> Enrolment:
    """Let a patient who was only sent what no protocol plans begin on the protocol as it is now."""
    is_planned = Occurrence.objects.filter(enrolment=enrolment).exclude(step__in=ahead.STEPS).exists()
    if enrolment.version_id != version.pk and not is_planned:
        enrolment.version = version
        store(enrolment)
    return enrolment


def _plan(enrolment: Enrolment, anchor: Milestone, now: datetime) -> None:
    zone = queries.zone_of(enrolment.chart)
    touchpoints = list(Touchpoint.objects.filter(version=enrolment.version).order_by("offset_days", "step"))
    planned = schedule.plan(touchpoints, anchor_on=anchor.on, zone=zone, now=now, send_time=enrolment.version.send_time)
    by_step = {touchpoint.step: touchpoint for touchpoint in touchpoints}
    for one in planned:
        there = Occurrence.objects.filter(enrolment=enrolment, step=one.step, ordinal=one.ordinal).first()
        if there is None:
            make(enrolment, by_step[one.step], one, zone, now)
        elif _differs(there, one, zone, now) and _may_move(there):
            _move(there, one, zone, now)
    vanished = Occurrence.objects.filter(enrolment=enrolment, state=Occurrence.State.OPEN).exclude(
        step__in=[*by_step, *ahead.STEPS]
    )
    _cancel(vanished.filter(pk__in=[row.pk for row in vanished if _may_move(row)]), "not_in_protocol")


def _differs(there: Occurrence, one: schedule.PlannedOccurrence, zone: ZoneInfo, now: datetime) -> bool:
    """True when the plan says other times, or, before anything of it is due, other mails."""
    times = (there.due_at, there.on_time_until, there.window_end, there.zone)
    if times != (one.due_at, one.on_time_until, one.window_end, zone.key):
        return True
    if there.due_at <= now:
        return False
    queued = Delivery.objects.filter(occurrence=there).exclude(state=Delivery.State.CANCELLED)
    planned = {(delivery.kind, delivery.ordinal, delivery.due_at) for delivery in one.deliveries}
    return set(queued.values_list("kind", "ordinal", "due_at")) != planned


def make(
    enrolment: Enrolment,
    touchpoint: Touchpoint | ahead.OnRequest,
    one: schedule.PlannedOccurrence,
    zone: ZoneInfo,
    now: datetime,
) -> Occurrence:
    """Store one time of asking with its mails; skipped where its form is not offered any more."""
    asked = {
        key: library_queries.to_ask(key, scope=enrolment.version.protocol.scope, on=now.astimezone(zone).date())
        for key in touchpoint.instruments
    }
    if not all(may_ask for _, may_ask in asked.values()):
        one = replace(one, skipped="not_offered", deliveries=())
    occurrence = store(
        Occurrence(
            enrolment=enrolment,
            chart=enrolment.chart,
            scope=enrolment.scope,
            step=one.step,
            ordinal=one.ordinal,
            send_time=enrolment.version.send_time,
            instruments={key: number for key, (number, _) in asked.items()},
            piped=_piped(enrolment.case, one),
            selector=links.new_selector(),
            link_kid=links.newest_kid(),
            created_at=now,
            **_times(one, zone, now),
        )
    )
    _queue(occurrence, one, now)
    return occurrence


def _move(there: Occurrence, one: schedule.PlannedOccurrence, zone: ZoneInfo, now: datetime) -> None:
    for name, value in _times(one, zone, now).items():
        setattr(there, name, value)
    there.piped = _piped(there.enrolment.case, one)
    store(there)
    Delivery.objects.filter(occurrence=there, state__in=queries.UNSENT).exclude(
        pk__in=[row.pk for row in _queue(there, one, now)]
    ).update(state=Delivery.State.CANCELLED, state_reason="moved")


def _queue(occurrence: Occurrence, one: schedule.PlannedOccurrence, now: datetime) -> list[Delivery]:
    """Upsert the deliveries of a plan; those already on their way or gone stay as they are."""
    rows = []
    for planned in one.deliveries:
        row, is_new = Delivery.objects.get_or_create(
            occurrence=occurrence,
            kind=planned.kind,
            ordinal=planned.ordinal,
            defaults={
                "chart": occurrence.chart,
                "scope": occurrence.scope,
                "due_at": planned.due_at,
                "next_attempt_at": planned.due_at,
                "created_at": now,
            },
        )
        if not is_new:
            movable = Q(state__in=queries.UNSENT) | Q(state=Delivery.State.CANCELLED, state_reason="moved")
            Delivery.objects.filter(movable, pk=row.pk).update(
                due_at=planned.due_at,
                next_attempt_at=planned.due_at,
                state=Delivery.State.SCHEDULED,
                state_reason="",
            )
        rows.append(row)
    return rows


def _times(one: schedule.PlannedOccurrence, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    is_call_ahead = one.call_at is not None and one.call_at > now  # nobody calls about a mail that has not gone yet
    return {
        "anchor_on": one.anchor_on,
        "due_on": one.due_on,
        "zone": zone.key,
        "due_at": one.due_at,
        "on_time_until": one.on_time_until,
        "window_end": one.window_end,
        "call_at": one.call_at if is_call_ahead else None,
        "state": Occurrence.State.SKIPPED if one.skipped else Occurrence.State.OPEN,
        "state_reason": one.skipped,
    }


def _may_move(there: Occurrence) -> bool:
    """True while nothing has gone out and nobody but the plan has decided anything about the occurrence."""
    is_planned = there.is_open or there.state_reason in ("past", "late")
    gone = Delivery.objects.filter(occurrence=there).exclude(state__in=(*queries.UNSENT, Delivery.State.CANCELLED))
    return is_planned and there.begun_at is None and not gone.exists()


def _piped(case: Case, one: schedule.PlannedOccurrence) -> dict[str, Any]:
    """What was set up with the therapist and is named in the questions, as it is on the day of planning."""
    named = [{"n": row.position, "ref": str(row.uuid), "name": row.text} for row in case_queries.activities(case)]
    return {"activities": named, "since": one.anchor_on.isoformat()}


def _cancel(occurrences: Any, reason: str) -> None:
    ids = list(occurrences.values_list("pk", flat=True))
    Occurrence.objects.filter(pk__in=ids).update(state=Occurrence.State.CANCELLED, state_reason=reason)
    Delivery.objects.filter(occurrence_id__in=ids, state__in=queries.UNSENT).update(
        state=Delivery.State.CANCELLED, state_reason=reason
    )

"""Writes of the follow-up room: protocols, planning, what an answer sets in motion, and one turn of the engine."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from rls_module import conf, signals
from rls_module.audit import log
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart, Milestone, Response
from rls_module.followups import links, queries, queue
from rls_module.followups.models import (
    Delivery,
    EngineState,
    Enrolment,
    Occurrence,
    Preference,
    Protocol,
    ProtocolVersion,
    Touchpoint,
)
from rls_module.host import adapter, clock
from rls_module.host.actor import Actor, system
from rls_module.host.rows import store
from rls_module.knowledge.instruments import branching, loading, scoring
from rls_module.knowledge.protocols import loading as protocol_loading
from rls_module.knowledge.protocols import schedule
from rls_module.knowledge.safety import alerts, opening

logger = logging.getLogger(__name__)

UNSENT = (Delivery.State.SCHEDULED, Delivery.State.RETRY)
MOST_SKEW = timedelta(seconds=30)
LONGEST_DRAIN = timedelta(seconds=50)


class AlreadyAnswered(Exception):
    """The occurrence has its response; `response` is the one that counts."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Closed(Exception):
    """The occurrence takes no answer any more."""


# Protocols


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


# Planning


def plan_marked(*, scope: str, now: datetime) -> int:
    """Plan every case of `scope` that was marked; return how many were done. One bad case never stops the others."""
    planned = 0
    for case in queries.marked_cases(scope):
        try:
            planned += plan_case(case=case, actor=system("followups"), now=now)
        except Exception:
            logger.exception("the follow-ups of case %s could not be planned", case.pk)
    return planned


@transaction.atomic
def plan_case(*, case: Case, actor: Actor, now: datetime) -> bool:
    """Make the rows of a case's follow-ups agree with its milestones; running it again changes nothing.

    Unsent sends move with the anchor; what went out, was answered or was cancelled by a person stays. Returns False,
    with the mark left standing, where the scope has no protocol yet (`rls_setup`).
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("chart__patient").get(pk=case.pk)
    version = queries.protocol_version(case.chart.scope)
    if version is None:
        logger.error("scope %s has no protocol: run rls_setup", case.chart.scope)
        return False
    anchor = case_queries.milestone(case, Milestone.Kind.FIRST_VISIT)
    if anchor is not None:
        enrolment = _enrol(case, version, now)
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


def _enrol(case: Case, version: ProtocolVersion, now: datetime) -> Enrolment:
    """Return the chart's enrolment; a case that was restarted ends the old one with what was still open of it."""
    there = queries.open_enrolment(case.chart, version)
    if there is not None and there.case_id == case.pk:
        return there
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


def _plan(enrolment: Enrolment, anchor: Milestone, now: datetime) -> None:
    zone = queries.zone_of(enrolment.chart)
    touchpoints = list(Touchpoint.objects.filter(version=enrolment.version).order_by("offset_days", "step"))
    planned = schedule.plan(touchpoints, anchor_on=anchor.on, zone=zone, now=now, send_time=enrolment.version.send_time)
    by_step = {touchpoint.step: touchpoint for touchpoint in touchpoints}
    for one in planned:
        there = Occurrence.objects.filter(enrolment=enrolment, step=one.step, ordinal=one.ordinal).first()
        if there is None:
            _make(enrolment, by_step[one.step], one, zone, now)
        elif (there.due_at, there.zone) != (one.due_at, zone.key) and _may_move(there):
            _move(there, one, zone, now)


def _make(
    enrolment: Enrolment, touchpoint: Touchpoint, one: schedule.PlannedOccurrence, zone: ZoneInfo, now: datetime
) -> None:
    occurrence = store(
        Occurrence(
            enrolment=enrolment,
            chart=enrolment.chart,
            scope=enrolment.scope,
            step=one.step,
            ordinal=one.ordinal,
            send_time=enrolment.version.send_time,
            instruments={key: loading.shipped(key).version for key in touchpoint.instruments},
            piped=_piped(enrolment.case, one),
            selector=links.new_selector(),
            link_kid=links.newest_kid(),
            created_at=now,
            **_times(one, zone),
        )
    )
    _queue(occurrence, one, now)


def _move(there: Occurrence, one: schedule.PlannedOccurrence, zone: ZoneInfo, now: datetime) -> None:
    for name, value in _times(one, zone).items():
        setattr(there, name, value)
    there.piped = _piped(there.enrolment.case, one)
    store(there)
    Delivery.objects.filter(occurrence=there, state__in=UNSENT).exclude(
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
            movable = Q(state__in=UNSENT) | Q(state=Delivery.State.CANCELLED, state_reason="moved")
            Delivery.objects.filter(movable, pk=row.pk).update(
                due_at=planned.due_at,
                next_attempt_at=planned.due_at,
                state=Delivery.State.SCHEDULED,
                state_reason="",
            )
        rows.append(row)
    return rows


def _times(one: schedule.PlannedOccurrence, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "anchor_on": one.anchor_on,
        "due_on": one.due_on,
        "zone": zone.key,
        "due_at": one.due_at,
        "on_time_until": one.on_time_until,
        "window_end": one.window_end,
        "call_at": one.call_at,
        "state": Occurrence.State.SKIPPED if one.skipped else Occurrence.State.OPEN,
        "state_reason": one.skipped,
    }


def _may_move(there: Occurrence) -> bool:
    """True while nothing has gone out and nobody but the plan has decided anything about the occurrence."""
    is_planned = there.is_open or there.state_reason in ("past", "late")
    gone = Delivery.objects.filter(occurrence=there).exclude(state__in=(*UNSENT, Delivery.State.CANCELLED))
    return is_planned and there.begun_at is None and not gone.exists()


def _piped(case: Case, one: schedule.PlannedOccurrence) -> dict[str, Any]:
    """What was set up with the therapist and is named in the questions, as it is on the day of planning."""
    named = [{"n": row.position, "ref": str(row.uuid), "name": row.text} for row in case_queries.activities(case)]
    return {"activities": named, "since": one.anchor_on.isoformat()}


def _cancel(occurrences: Any, reason: str) -> None:
    ids = list(occurrences.values_list("pk", flat=True))
    Occurrence.objects.filter(pk__in=ids).update(state=Occurrence.State.CANCELLED, state_reason=reason)
    Delivery.objects.filter(occurrence_id__in=ids, state__in=UNSENT).update(
        state=Delivery.State.CANCELLED, state_reason=reason
    )


# Answers


@transaction.atomic
def begin(*, occurrence: Occurrence, actor: Actor, now: datetime) -> None:
    """Note that the patient pressed Start; whoever began before the close has 48 hours more."""
    if not Occurrence.objects.filter(pk=occurrence.pk, begun_at=None, state="open").update(begun_at=now):
        return
    occurrence.begun_at = now
    _record(actor, "response.begin", occurrence, fields=("begun_at",))


@transaction.atomic
def page_saved(
    *, occurrence: Occurrence, answers: Mapping[str, Any], actor: Actor, now: datetime
) -> tuple[alerts.Alert, ...]:
    """Hold one saved page against the rules that do not wait for the end, open their tasks, and return what fired.

    A patient who ticks a danger and never sends the form in is called all the same.
    """
    fired = alerts.on_page(answers, queries.alert_facts(occurrence, now))
    if fired:
        _raise(fired, occurrence, actor, now)
        _record(actor, "response.page", occurrence, fields=tuple(answers))
    return fired


@transaction.atomic
def ask_for_call(*, occurrence: Occurrence, actor: Actor, now: datetime) -> None:
    """Open the call task of "please call me", from any page; pressing it twice is one request."""
    _raise([alerts.call_requested()], occurrence, actor, now)
    _record(actor, "response.call_me", occurrence, fields=())


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a sitting that was sent in."""

    response: Response
    alerts: tuple[alerts.Alert, ...]


@transaction.atomic
def submit(
    *,
    occurrence: Occurrence,
    answers: Mapping[str, Any],
    reached: Iterable[str],
    language: str,
    mode: str,
    actor: Actor,
    now: datetime,
) -> Submitted:
    """Make the answers (keyed by question) the occurrence's one response: score them, raise alerts, stop reminders.

    `reached` are the pages that were seen. Raises AlreadyAnswered where there is a response, Closed where the window is
    over or the occurrence was cancelled, and ValueError for answers that the pinned instrument does not allow.
    """
    occurrence = (
        Occurrence.objects.select_for_update(of=("self",))
        .select_related("chart__patient", "enrolment__case", "response")
        .get(pk=occurrence.pk)
    )
    if occurrence.response is not None:
        raise AlreadyAnswered(occurrence.response)
    state = _state_of_answer(occurrence, now)
    response = _respond(occurrence, answers, frozenset(reached), language, mode, actor, now)
    won = Occurrence.objects.filter(pk=occurrence.pk, response=None, state=Occurrence.State.OPEN)
    if not won.update(response=response, state=state):
        raise Closed
    Delivery.objects.filter(occurrence=occurrence, state__in=UNSENT).update(
        state=Delivery.State.CANCELLED, state_reason="answered"
    )
    fired = alerts.on_submit(answers, queries.alert_facts(occurrence, now))
    _raise(fired, occurrence, actor, now)
    _record(actor, "response.submit", occurrence, fields=("response", "state"))
    transaction.on_commit(partial(signals.followup_answered.send, Occurrence, occurrence_id=occurrence.pk))
    return Submitted(response, fired)


def _state_of_answer(occurrence: Occurrence, now: datetime) -> str:
    if not (occurrence.is_open and queries.is_answerable(occurrence, now)):
        raise Closed
    state = schedule.answer_state(
        answered_at=now,
        begun_at=occurrence.begun_at,
        on_time_until=occurrence.on_time_until,
        window_end=occurrence.window_end,
    )
    if state == "closed":
        raise Closed
    return state


def _respond(
    occurrence: Occurrence,
    answers: Mapping[str, Any],
    reached: frozenset[str],
    language: str,
    mode: str,
    actor: Actor,
    now: datetime,
) -> Response:
    instrument = queries.instrument_of(occurrence)
    facts = queries.facts_of(occurrence)
    asked = partial(_call, instrument=instrument, answers=answers, facts=facts)
    problems = asked(branching.check)
    if problems:
        raise ValueError(f"answers do not stand: {sorted(problems.items())}")
    return case_actions.store_response(
        chart=occurrence.chart,
        case=occurrence.enrolment.case,
        instruments=occurrence.instruments,
        phase="followup",
        language=language,
        mode=mode,
        answers={f"{instrument.key}.{name}": value for name, value in answers.items()},
        missing={f"{instrument.key}.{name}": why for name, why in asked(branching.absent, reached=reached).items()},
        measured=asked(scoring.measured),
        actor=actor,
        now=now,
    )


def _call(function: Any, *, instrument: Any, answers: Any, facts: Any, **more: Any) -> Any:
    return function(instrument, answers=answers, facts=facts, phase="followup", **more)


def _raise(fired: Iterable[alerts.Alert], occurrence: Occurrence, actor: Actor, now: datetime) -> None:
    brand = adapter().brand(occurrence.scope)
    hours = opening.default_hours(brand.zone)
    for alert in fired:
        case_actions.open_task(
            chart=occurrence.chart,
            case=occurrence.enrolment.case,
            kind=alert.task_kind,
            rule=alert.rule,
            params=dict(alert.params),
            due_at=None if alert.due is None else opening.due_at(now, alert.due, hours),
            actor=actor,
            now=now,
            cause_key=f"{alert.rule}:{occurrence.pk}",
        )


# Preferences


@transaction.atomic
def stop_mail(*, chart: Chart, source: str, actor: Actor, now: datetime) -> None:
    """Send this patient no more forms by mail; reaches what is queued at once. Saying it twice is once."""
    preference, _ = Preference.objects.get_or_create(chart=chart, defaults={"created_at": now})
    if preference.mail_off_at is None:
        preference.mail_off_at, preference.source = now, source
        store(preference)
        transaction.on_commit(partial(signals.patient_opted_out.send, Chart, chart_id=chart.pk))
    Delivery.objects.filter(chart=chart, state__in=UNSENT).update(
        state=Delivery.State.SUPPRESSED, state_reason="opted_out"
    )
    _record_chart(actor, "preference.edit", chart, fields=("mail_off_at",))


@transaction.atomic
def resume_mail(*, chart: Chart, source: str, actor: Actor, now: datetime) -> None:
    """Turn forms by mail on again; what has not come due yet goes out as planned."""
    Preference.objects.filter(chart=chart).update(mail_off_at=None, source=source)
    Delivery.objects.filter(
        chart=chart, state=Delivery.State.SUPPRESSED, state_reason="opted_out", due_at__gt=now
    ).update(state=Delivery.State.SCHEDULED, state_reason="")
    _record_chart(actor, "preference.edit", chart, fields=("mail_off_at",))


@transaction.atomic
def stop_reminders(*, occurrence: Occurrence, actor: Actor) -> None:
    """Send no more reminders for this one form; the form itself stays open."""
    Delivery.objects.filter(occurrence=occurrence, state__in=UNSENT).update(
        state=Delivery.State.CANCELLED, state_reason="reminders_off"
    )
    _record(actor, "preference.edit", occurrence, fields=("deliveries",))


@transaction.atomic
def snooze(*, occurrence: Occurrence, days: int, actor: Actor, now: datetime) -> datetime | None:
    """Write again in `days` (1, 3 or 7) at the send hour, instead of the reminders before that day.

    Returns when, or None where the window would be over by then. Snoozing again moves the same row.
    """
    zone = ZoneInfo(occurrence.zone)
    day = now.astimezone(zone).date() + timedelta(days=days)
    at = schedule.instant(day, occurrence.send_time, zone)
    if not occurrence.is_open or at >= occurrence.window_end:
        return None
    unsent = Delivery.objects.filter(occurrence=occurrence, state__in=UNSENT)
    unsent.exclude(kind=Delivery.Kind.SNOOZED).filter(due_at__lte=at).update(
        state=Delivery.State.CANCELLED, state_reason="snoozed"
    )
    if not unsent.filter(kind=Delivery.Kind.SNOOZED).update(due_at=at, next_attempt_at=at):
        count = Delivery.objects.filter(occurrence=occurrence, kind=Delivery.Kind.SNOOZED).count()
        store(
            Delivery(
                occurrence=occurrence,
                chart=occurrence.chart,
                scope=occurrence.scope,
                kind=Delivery.Kind.SNOOZED,
                ordinal=count + 1,
                due_at=at,
                next_attempt_at=at,
                created_at=now,
            )
        )
    _record(actor, "preference.edit", occurrence, fields=("deliveries",))
    return at


# One turn of the engine


def tick(*, now: datetime) -> int:
    """Do one turn for every scope: plan, close, ask staff to call, recover, send. Returns how many mails went out.

    A scope that raises is reported and does not stop the others.
    """
    sent = 0
    for scope, context in adapter().scopes():
        try:
            with context:
                sent += _tick(scope, now)
        except Exception:
            logger.exception("the engine's turn failed for scope %s", scope)
    return sent


def _tick(scope: str, now: datetime) -> int:
    plan_marked(scope=scope, now=now)
    close_windows(scope=scope, now=now)
    ask_for_calls(scope=scope, now=now)
    queue.sweep(scope, now)
    state, _ = EngineState.objects.update_or_create(scope=scope, defaults={"last_tick_at": Now(), "latest_now": now})
    if conf.get("DISPATCH_PAUSED") or state.paused_at is not None or _clocks_differ():
        return 0
    return _drain(scope, now)


def _drain(scope: str, now: datetime) -> int:
    sent, until = 0, clock.database_now() + LONGEST_DRAIN
    while rows := queue.claim(scope, now, conf.get("SEND_BATCH")):
        sent += queue.deliver(rows, now)
        state = queries.engine_state(scope)
        if clock.database_now() >= until or (state and state.paused_at):
            break
    return sent


def _clocks_differ() -> bool:
    """True when this machine's clock and the database's differ by more than 30 s: then nothing may go out."""
    if conf.get("CLOCK"):
        return False
    skew = abs(datetime.now(UTC) - clock.database_now())
    if skew > MOST_SKEW:
        logger.error("this machine's clock and the database's differ by %s: nothing is sent", skew)
    return skew > MOST_SKEW


@transaction.atomic
def close_windows(*, scope: str, now: datetime) -> int:
    """Close what nobody answered; who began before the close has 48 hours more. Returns how many were missed."""
    over = Occurrence.objects.filter(scope=scope, state=Occurrence.State.OPEN, window_end__lte=now)
    missed = [row for row in over.select_related("chart") if not _is_in_grace(row, now)]
    for row in missed:
        if Occurrence.objects.filter(pk=row.pk, state=Occurrence.State.OPEN).update(state=Occurrence.State.MISSED):
            _record(system("followups"), "enrolment.missed", row, fields=("state",))
    return len(missed)


def _is_in_grace(row: Occurrence, now: datetime) -> bool:
    return row.begun_at is not None and row.begun_at < row.window_end and now < row.window_end + schedule.GRACE


@transaction.atomic
def ask_for_calls(*, scope: str, now: datetime) -> int:
    """Open a call task for everyone who has not answered by the protocol's call day; each occurrence once."""
    silent = Occurrence.objects.filter(
        scope=scope, state=Occurrence.State.OPEN, call_at__lte=now, window_end__gt=now
    ).select_related("chart__patient", "enrolment__case")
    actor = system("followups")
    for row in silent:
        case_actions.open_task(
            chart=row.chart,
            case=row.enrolment.case,
            kind="call",
            rule="no_answer",
            params={"step": row.step},
            actor=actor,
            now=now,
            due_at=now,
            cause_key=f"no_answer:{row.pk}",
        )
    called = Occurrence.objects.filter(pk__in=[row.pk for row in silent])
    return called.update(call_at=None)


def _record(actor: Actor, verb: str, occurrence: Occurrence, *, fields: Iterable[str]) -> None:
    log.record(
        actor=actor,
        verb=verb,
        kind="occurrence",
        ref=occurrence.uuid,
        patient=occurrence.chart.patient_id,
        scope=occurrence.scope,
        fields=fields,
    )


def _record_chart(actor: Actor, verb: str, chart: Chart, *, fields: Iterable[str]) -> None:
    log.record(
        actor=actor, verb=verb, kind="chart", ref=chart.uuid, patient=chart.patient_id, scope=chart.scope, fields=fields
    )

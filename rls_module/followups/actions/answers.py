"""What a patient's answer sets in motion: begin, a page saved, the whole sent in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from rls_module import signals
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Response
from rls_module.followups import queries
from rls_module.followups.actions import records
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host import adapter, database, transaction
from rls_module.host.actor import Actor
from rls_module.intake import actions as intake_actions
from rls_module.knowledge.instruments import branching, scoring
from rls_module.knowledge.protocols import schedule
from rls_module.knowledge.safety import alerts, intake_alerts, opening
from rls_module.library import queries as library_queries

Fired = alerts.Alert | intake_alerts.Told


class AlreadyAnswered(Exception):
    """The occurrence has its response; `response` is the one that counts."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Closed(Exception):
    """The occurrence takes no answer any more."""


@transaction.atomic
def begin(*, occurrence: Occurrence, actor: Actor, now: datetime) -> None:
    """Note that the patient pressed Start; whoever began before the close has 48 hours more."""
    if not Occurrence.objects.filter(pk=occurrence.pk, begun_at=None, state="open").update(begun_at=now):
        return
    occurrence.begun_at = now
    records.of_occurrence(actor, "response.begin", occurrence, fields=("begun_at",))


@transaction.atomic
def page_saved(*, occurrence: Occurrence, answers: Mapping[str, Any], actor: Actor, now: datetime) -> tuple[Fired, ...]:
    """Hold one saved page against the rules that do not wait for the end, open their tasks, and return what fired.

    A patient who ticks a danger and never sends the form in is called all the same.
    """
    fired: tuple[Fired, ...] = ()
    if queries.asks_intake(occurrence):
        fired = intake_alerts.told(answers)
        _raise_of_intake(answers, occurrence, actor, now)
    elif queries.has_rules(occurrence):
        found = alerts.on_page(answers, queries.alert_facts(occurrence, now))
        fired = found
        _raise(found, occurrence, actor, now)
    if fired:
        records.of_occurrence(actor, "response.page", occurrence, fields=tuple(answers))
    return fired


@transaction.atomic
def ask_for_call(*, occurrence: Occurrence, actor: Actor, now: datetime) -> None:
    """Open the call task of "please call me", from any page; pressing it twice is one request."""
    _raise([alerts.call_requested()], occurrence, actor, now)
    records.of_occurrence(actor, "response.call_me", occurrence, fields=())


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
    over, the occurrence was cancelled or its link was revoked since `occurrence` was read, and ValueError for answers
    that the pinned instrument does not allow.
    """
    opened_by = occurrence.link_version
    occurrence = (
        database.locked(Occurrence.objects.all())
        .select_related("chart__patient", "enrolment__case")
        .get(pk=occurrence.pk)
    )
    if occurrence.response_id is not None:  # joined in, it would be as it was before we waited for the lock
        raise AlreadyAnswered(Response.objects.get(pk=occurrence.response_id))
    if occurrence.link_version != opened_by:
        raise Closed
    state = _state_of_answer(occurrence, now)
    response = _respond(
        occurrence, answers=answers, reached=frozenset(reached), language=language, mode=mode, actor=actor, now=now
    )
    won = Occurrence.objects.filter(pk=occurrence.pk, response=None, state=Occurrence.State.OPEN)
    if not won.update(response=response, state=state):
        raise Closed
    Delivery.objects.filter(occurrence=occurrence, state__in=queries.UNSENT).update(
        state=Delivery.State.CANCELLED, state_reason="answered"
    )
    fired = _fired(answers, occurrence, now)
    _raise(fired, occurrence, actor, now)
    records.of_occurrence(actor, "response.submit", occurrence, fields=("response", "state"))
    transaction.on_commit(partial(signals.followup_answered.send, Occurrence, occurrence_id=occurrence.pk))
    return Submitted(response, fired)


@transaction.atomic
def refuse_second_answer(*, occurrence: Occurrence, actor: Actor) -> None:
    """Note that somebody tried to answer again what was sent in; the first answers stay."""
    records.of_occurrence(actor, "response.submit", occurrence, fields=(), refused=True)


@transaction.atomic
def judge_unfinished(*, occurrence: Occurrence, answers: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Hold what was answered of a form that was never sent in against the rules that wait for the end; once."""
    closed = Occurrence.objects.filter(pk=occurrence.pk, state=Occurrence.State.MISSED, state_reason="")
    if not closed.update(state_reason="unfinished"):
        return
    _raise(_fired(answers, occurrence, now), occurrence, actor, now)
    records.of_occurrence(actor, "response.unfinished", occurrence, fields=("state_reason",))


def _fired(answers: Mapping[str, Any], occurrence: Occurrence, now: datetime) -> tuple[alerts.Alert, ...]:
    return alerts.on_submit(answers, queries.alert_facts(occurrence, now)) if queries.has_rules(occurrence) else ()


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
    *,
    answers: Mapping[str, Any],
    reached: frozenset[str],
    language: str,
    mode: str,
    actor: Actor,
    now: datetime,
) -> Response:
    instrument = queries.instrument_of(occurrence)
    facts = queries.facts_of(occurrence)
    asking = {"answers": answers, "facts": facts, "phase": queries.phase_of(occurrence)}
    asked = partial(_call, instrument=instrument, asking=asking)
    problems = asked(branching.check)
    if problems:
        raise ValueError(f"answers do not stand: {sorted(problems.items())}")
    return case_actions.store_response(
        chart=occurrence.chart,
        case=occurrence.enrolment.case,
        instruments=occurrence.instruments,
        phase=queries.phase_of(occurrence),
        language=language,
        mode=mode,
        answers={f"{instrument.key}.{name}": value for name, value in answers.items()},
        missing={f"{instrument.key}.{name}": why for name, why in asked(branching.absent, reached=reached).items()},
        measured=asked(scoring.measured),
        actor=actor,
        now=now,
    )


def _call(function: Any, *, instrument: Any, asking: Mapping[str, Any], **more: Any) -> Any:
    return function(instrument, **asking, **more)


def _cause(alert: alerts.Alert, occurrence: Occurrence) -> str:
    """A rule fires once for an occurrence; ticking a further danger is a further cause."""
    ticked = alert.params.get("label")
    suffix = ":" + "-".join(sorted(map(str, ticked))) if isinstance(ticked, list | tuple) else ""
    return f"{alert.rule}:{occurrence.pk}{suffix}"


def _raise_of_intake(answers: Mapping[str, Any], occurrence: Occurrence, actor: Actor, now: datetime) -> None:
    cause = f"sent:{occurrence.pk}"
    intake_actions.raise_alerts(case=occurrence.enrolment.case, answers=answers, cause=cause, actor=actor, now=now)


def _raise(fired: Iterable[alerts.Alert], occurrence: Occurrence, actor: Actor, now: datetime) -> None:
    brand = adapter().brand(occurrence.scope)
    hours = library_queries.opening_hours(occurrence.scope, brand.zone)
    for alert in fired:
        case_actions.open_task(
            chart=occurrence.chart,
            case=occurrence.enrolment.case,
            kind=alert.task_kind,
            rule=alert.rule,
            params={**alert.params, "occurrence": str(occurrence.uuid)},
            due_at=None if alert.due is None else opening.due_at(now, alert.due, hours),
            actor=actor,
            now=now,
            cause_key=_cause(alert, occurrence),
        )

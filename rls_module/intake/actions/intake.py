"""The intake in the room: begun, saved section by section, submitted once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Response
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, advance, store
from rls_module.intake import queries
from rls_module.intake.actions.records import record
from rls_module.intake.actions.red_flags import raise_red_flags
from rls_module.intake.models import Intake
from rls_module.knowledge.instruments import branching, loading, scoring
from rls_module.knowledge.safety import intake_alerts, opening

INTAKE = "rls_intake"


class NotComplete(Exception):
    """Questions that an intake must answer are open; `problems` is question name -> problem."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = problems


@transaction.atomic
def begin_intake(*, case: Case, language: str, actor: Actor, now: datetime) -> Intake:
    """Begin an intake on `case`, from the last one's answers where there is one; a draft that is there is returned."""
    there = queries.draft_intake(case)
    if there is not None:
        return there
    last = queries.latest_intake(case)
    intake = Intake(
        chart=case.chart,
        case=case,
        open_key=case.pk,
        instrument=INTAKE,
        instrument_version=loading.shipped(INTAKE).version,
        language=language,
        answers=dict(last.answers) if last else {},
        started_by_id=actor.user_id,
        started_by_name=actor.name,
        created_at=now,
    )
    try:
        with transaction.atomic():
            store(intake)
    except IntegrityError:  # two taps at once: the other one's draft is the draft
        return Intake.objects.get(open_key=case.pk)
    record(actor, "intake.edit", intake, fields=("status",))
    return intake


@transaction.atomic
def save_section(*, intake: Intake, seen: int, section: str, answers: Mapping[str, Any], actor: Actor) -> Intake:
    """Keep the answers of one section; those of the others stay. An empty section may be saved, too.

    Raises Stale when the intake changed since version `seen` or was submitted, ValueError for answers that can't stand.
    """
    advance(intake, seen=seen)
    intake.refresh_from_db()
    if intake.status != Intake.Status.DRAFT:
        raise Stale
    instrument = queries.instrument_of(intake)
    own = {item.key for item in instrument.items if item.page == section}
    kept = {name: value for name, value in intake.answers.items() if name.partition(".")[0] not in own}
    together = {**kept, **answers}
    wrong = {
        name: code
        for name, code in branching.check(
            instrument, answers=together, facts={}, phase="baseline", page=section
        ).items()
        if code != "required"
    }
    if wrong:
        raise ValueError(f"answers do not stand: {sorted(wrong.items())}")
    intake.answers = together
    intake.saved = [*(one for one in intake.saved if one != section), section]
    store(intake)
    record(actor, "intake.edit", intake, fields=(section,))
    return intake


@transaction.atomic
def submit_intake(*, intake: Intake, seen: int, actor: Actor, now: datetime) -> Response:
    """Close the intake: its answers become a Response, and what they ask of a person becomes tasks.

    Raises NotComplete with what is still open, Stale when the intake changed since version `seen` or was submitted.
    """
    advance(intake, seen=seen)
    intake.refresh_from_db()
    if intake.status != Intake.Status.DRAFT:
        raise Stale
    instrument = queries.instrument_of(intake)
    answers = branching.kept(instrument, answers=intake.answers, facts={}, phase="baseline")
    asking: dict[str, Any] = {"answers": answers, "facts": {}, "phase": "baseline"}
    problems = branching.check(instrument, **asking)
    if problems:
        raise NotComplete(problems)
    response = case_actions.store_response(
        chart=intake.chart,
        case=intake.case,
        instruments={INTAKE: instrument.version},
        phase="baseline",
        language=intake.language,
        mode=Response.Mode.IN_ROOM,
        answers={f"{INTAKE}.{name}": value for name, value in answers.items()},
        missing={f"{INTAKE}.{name}": why for name, why in branching.absent(instrument, **asking).items()},
        measured=scoring.measured(instrument, **asking),
        actor=actor,
        now=now,
    )
    intake.status, intake.open_key, intake.submitted_at, intake.response = "submitted", None, now, response
    store(intake)
    record(actor, "intake.edit", intake, fields=("status", "response"))
    _open_tasks(intake, answers, actor, now)
    return response


def _open_tasks(intake: Intake, answers: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    cause = f"intake:{intake.pk}"
    raise_red_flags(case=intake.case, keys=intake_alerts.red_flags(answers), cause=cause, actor=actor, now=now)
    hours = queries.opening_hours(intake.case)
    for alert in intake_alerts.alerts(answers):
        case_actions.open_task(
            chart=intake.chart,
            case=intake.case,
            kind="alert",
            rule=alert.rule,
            due_at=opening.due_at(now, alert.due, hours),
            actor=actor,
            now=now,
            cause_key=f"{alert.rule}:{cause}",
        )

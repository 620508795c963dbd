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
from rls_module.intake.actions.alerts import raise_alerts
from rls_module.intake.actions.records import record
from rls_module.intake.models import Intake
from rls_module.knowledge.instruments import branching, loading, scoring

INTAKE = "rls_intake"


class NotComplete(Exception):
    """Questions that an intake must answer are open; `problems` is question, or section to review -> problem."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = problems


@transaction.atomic
def begin_intake(*, case: Case, language: str, actor: Actor, now: datetime) -> Intake:
    """Begin an intake on `case`; a draft that is there is returned.

    What the patient sent in ahead and nobody has been through is what it begins from, else the last intake's answers.
    """
    there = queries.draft_intake(case)
    if there is not None:
        return there
    sent, last = queries.unreviewed(case), queries.latest_intake(case)
    intake = Intake(
        chart=case.chart,
        case=case,
        open_key=case.pk,
        instrument=INTAKE,
        instrument_version=loading.shipped(INTAKE).version,
        language=language,
        sent=sent,
        answers=queries.answers_of(sent) if sent else dict(last.answers) if last else {},
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
def take_up(*, intake: Intake, seen: int, actor: Actor) -> Intake:
    """Make a draft the review of what the patient has sent in since it was begun.

    Where the therapist holds an answer, it stays and stands beside the patient's; every section is to be confirmed.
    Raises Stale when the intake changed since version `seen`, or nothing was sent in that waits for a review.
    """
    advance(intake, seen=seen)
    intake.refresh_from_db()
    sent = queries.unreviewed(intake.case)
    if intake.status != Intake.Status.DRAFT or intake.sent_id is not None or sent is None:
        raise Stale
    together = {**queries.answers_of(sent), **intake.answers}
    intake.sent, intake.saved = sent, []
    facts = queries.facts_of(intake)
    intake.answers = branching.kept(queries.instrument_of(intake), answers=together, facts=facts, phase="baseline")
    store(intake)
    record(actor, "intake.edit", intake, fields=("sent",))
    return intake


@transaction.atomic
def save_section(
    *,
    intake: Intake,
    seen: int,
    section: str,
    answers: Mapping[str, Any],
    actor: Actor,
    is_reviewed: bool = True,
) -> Intake:
    """Keep the answers of one section; those of the others stay. An empty section may be saved, too.

    Not `is_reviewed`, they are kept without the section counting as saved: what a page keeps by itself, or what is
    left for later. Nothing is confirmed that nobody confirmed.
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
            instrument, answers=together, facts=queries.facts_of(intake), phase="baseline", page=section
        ).items()
        if code != "required"
    }
    if wrong:
        raise ValueError(f"answers do not stand: {sorted(wrong.items())}")
    intake.answers = together
    if is_reviewed:
        intake.saved = [*(one for one in intake.saved if one != section), section]
    store(intake)
    record(actor, "intake.edit", intake, fields=(section,))
    return intake


@transaction.atomic
def submit_intake(*, intake: Intake, seen: int, actor: Actor, now: datetime) -> Response:
    """Close the intake: its answers become a Response, and what they ask of a person becomes tasks.

    What the patient sent in ahead has had its tasks and opens no second ones. Raises NotComplete with what is still
    open, be it a section of what was sent in that nobody has been through; Stale when the intake changed since version
    `seen` or was submitted.
    """
    advance(intake, seen=seen)
    intake.refresh_from_db()
    if intake.status != Intake.Status.DRAFT:
        raise Stale
    instrument = queries.instrument_of(intake)
    facts = queries.facts_of(intake)
    answers = branching.kept(instrument, answers=intake.answers, facts=facts, phase="baseline")
    asking: dict[str, Any] = {"answers": answers, "facts": facts, "phase": "baseline"}
    unseen = {one.key: "not_reviewed" for one in queries.sections(intake) if one.awaits_review}
    problems = {**branching.check(instrument, **asking), **unseen}
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
    cause, raised = f"intake:{intake.pk}", queries.sent_answers(intake)
    raise_alerts(case=intake.case, answers=answers, cause=cause, raised=raised, actor=actor, now=now)
    return response

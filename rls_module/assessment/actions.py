"""Writes of the assessment room: one examination at a time with a task for each red flag in it, and its draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from rls_module.assessment import queries
from rls_module.assessment.models import Assessment, AssessmentDraft, Complaint, ExamResult, Finding
from rls_module.audit import log
from rls_module.cases.models import Case
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, advance, store
from rls_module.intake import actions as intake_actions

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def assess(
    *,
    case: Case,
    about: Mapping[str, Any],
    found: Rows,
    actor: Actor,
    now: datetime,
    complaints: Rows = (),
    results: Rows = (),
    seen: int | None = None,
) -> Assessment:
    """Keep one examination: `about` holds fields of Assessment, the others its Findings, Complaints and ExamResults.

    Each red flag opens a task of its own, due in the clinic's opening time; while one is open no plan is signed.
    The actor's draft ends with it where `seen` tells the draft's version that it was made from, 0 for none; raises
    Stale when the draft is another by now: kept further, or ended, in another window.
    """
    if seen is not None:
        _end_draft(case, seen=seen, actor=actor)
    assessment = store(
        Assessment(
            chart=case.chart,
            case=case,
            assessed_by_id=actor.user_id,
            assessed_by_name=actor.name,
            created_at=now,
            **about,
        )
    )
    for model, rows in ((Finding, found), (Complaint, complaints), (ExamResult, results)):
        for position, values in enumerate(rows, 1):
            store(model(assessment=assessment, position=position, created_at=now, **values))
    log.record(
        actor=actor,
        verb="assessment.edit",
        kind="assessment",
        ref=assessment.uuid,
        patient=case.chart.patient_id,
        scope=case.chart.scope,
        fields=(*about, "findings", "complaints", "exam_results"),
    )
    intake_actions.raise_red_flags(
        case=case, keys=assessment.red_flags, cause=f"assessment:{assessment.pk}", actor=actor, now=now
    )
    return assessment


@transaction.atomic
def keep_draft(
    *, case: Case, typed: Mapping[str, Sequence[str]], seen: int, actor: Actor, now: datetime
) -> AssessmentDraft:
    """Keep what the actor has typed of an examination so far, field -> values; `seen` 0 begins a draft.

    Raises Stale when the actor's draft is no longer at version `seen`.
    """
    draft = queries.draft(case, actor)
    if draft is None:
        draft = _begin_draft(case, seen=seen, actor=actor, now=now)
    else:
        advance(draft, seen=seen)
    draft.typed, draft.kept_at = dict(typed), now
    store(draft)
    _record_draft(case, actor)
    return draft


@transaction.atomic
def discard_draft(*, case: Case, seen: int, actor: Actor) -> None:
    """Throw the actor's draft away; raises Stale when it is no longer at version `seen`."""
    _end_draft(case, seen=seen, actor=actor)
    _record_draft(case, actor)


def _begin_draft(case: Case, *, seen: int, actor: Actor, now: datetime) -> AssessmentDraft:
    if seen:
        raise Stale
    draft = AssessmentDraft(chart=case.chart, case=case, author_id=actor.user_id, kept_at=now, created_at=now)
    try:
        with transaction.atomic():
            return store(draft)
    except IntegrityError:  # another window was faster
        raise Stale from None


def _end_draft(case: Case, *, seen: int, actor: Actor) -> None:
    drafts = AssessmentDraft.objects.filter(case=case, author=actor.user_id)
    ended, _ = drafts.filter(version=seen).delete()
    if not ended and (seen or drafts.exists()):
        raise Stale


def _record_draft(case: Case, actor: Actor) -> None:
    log.record(
        actor=actor,
        verb="assessment.edit",
        kind="assessment",
        ref=case.uuid,
        patient=case.chart.patient_id,
        scope=case.chart.scope,
        fields=("draft",),
    )

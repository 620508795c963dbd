"""Writes of the assessment room: one examination at a time, and a task for each red flag in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rls_module.assessment.models import Assessment, Complaint, ExamResult, Finding
from rls_module.audit import log
from rls_module.cases.models import Case
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
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
) -> Assessment:
    """Keep one examination: `about` holds fields of Assessment, the others its Findings, Complaints and ExamResults.

    Each red flag opens a task of its own, due in the clinic's opening time; while one is open no plan is signed.
    """
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

"""Reads of the assessment room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Max, QuerySet

from rls_module.assessment.models import Assessment, AssessmentDraft, Complaint, ExamResult, Finding
from rls_module.cases.models import Case
from rls_module.host.actor import Actor


def assessments(case: Case) -> QuerySet[Assessment]:
    """Return the case's examinations with all their rows, newest first."""
    rows = Assessment.objects.filter(case=case).prefetch_related("findings", "complaints", "exam_results")
    return rows.order_by("-assessed_on", "-pk")


def latest(case: Case) -> Assessment | None:
    """Return the newest examination, if there is one."""
    return assessments(case).first()


def latest_days(cases: Iterable[int]) -> dict[int, date]:
    """Return the day of the newest examination of each case, by the case's key; one without has no entry."""
    rows = Assessment.objects.filter(case_id__in=list(cases)).values("case_id").annotate(last=Max("assessed_on"))
    return dict(rows.values_list("case_id", "last"))


def draft(case: Case, actor: Actor) -> AssessmentDraft | None:
    """Return what the actor has typed of an examination and not kept yet; nobody sees another one's."""
    return AssessmentDraft.objects.filter(case=case, author=actor.user_id).first()


def findings(assessment: Assessment) -> list[Finding]:
    """Return what was found, in order."""
    return sorted(assessment.findings.all(), key=lambda row: row.position)


def complaints(assessment: Assessment) -> list[Complaint]:
    """Return what was told of single sites, in order."""
    return sorted(assessment.complaints.all(), key=lambda row: row.position)


def results(assessment: Assessment) -> list[ExamResult]:
    """Return the results of the tests, in the order of the examination."""
    return sorted(assessment.exam_results.all(), key=lambda row: row.position)


def results_by_place(assessment: Assessment) -> dict[tuple[str, str, str], ExamResult]:
    """Return the results of the tests by test, side and stage."""
    return {(row.test, row.side, row.stage): row for row in results(assessment)}

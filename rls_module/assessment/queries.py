"""Reads of the assessment room."""

from __future__ import annotations

from django.db.models import QuerySet

from rls_module.assessment.models import Assessment, Finding
from rls_module.cases.models import Case
from rls_module.knowledge.vocabulary import fascial, loading


def assessments(case: Case) -> QuerySet[Assessment]:
    """Return the case's examinations with their findings, newest first."""
    return Assessment.objects.filter(case=case).prefetch_related("findings").order_by("-assessed_on", "-pk")


def latest(case: Case) -> Assessment | None:
    """Return the newest examination, if there is one."""
    return assessments(case).first()


def findings(assessment: Assessment) -> list[Finding]:
    """Return what was found, in order."""
    return sorted(assessment.findings.all(), key=lambda row: row.position)


def place_name(kind: str, key: str, language: str) -> str:
    """Return how a place is called: a muscle by its Latin name, a point by its code, a region in words."""
    if kind == "muscle":
        return loading.muscle(key).latin
    if kind == "point":
        return f"{key} ({fascial.name(key, language)})"
    region = next((one for one in loading.regions() if one.key == key), None)
    return key if region is None else region.spanish if language == "es" else region.english

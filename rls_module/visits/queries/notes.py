"""Notes of a case, and which of them count as treatment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from rls_module.cases.models import Case, Chart, Signature
from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, Visit

_HANDS_ON = Q(needling_sites__isnull=False) | Q(fascial_points__isnull=False)
_TREATED = _HANDS_ON | Q(exercises__isnull=False)


def as_stored(visit: Visit) -> Visit:
    """Return the note as the database has it now, beside the one in hand."""
    return Visit.objects.get(pk=visit.pk)


def visits_of(case: Case) -> QuerySet[Visit]:
    """Return the case's notes that were not discarded, newest first."""
    return Visit.objects.filter(case=case).exclude(status=Visit.Status.DISCARDED).order_by("-visit_date", "-pk")


def last_signed(visit: Visit) -> Visit | None:
    """Return the signed visit of the same case before this one; drafts and other cases are never the source."""
    earlier = Visit.objects.filter(case=visit.case, status=Visit.Status.SIGNED, visit_date__lte=visit.visit_date)
    return earlier.exclude(pk=visit.pk).order_by("-visit_date", "-pk").first()


def draft_for(case: Case, host_visit: str, author_id: Any) -> Visit | None:
    """Return the author's draft that was already opened from the same visit of the host."""
    drafts = Visit.objects.filter(case=case, author_id=author_id, status=Visit.Status.DRAFT)
    return drafts.filter(host_visit=host_visit).order_by("-pk").first() if host_visit else None


def unsigned_of(author_id: Any) -> QuerySet[Visit]:
    """Return the drafts of one author, oldest first."""
    return Visit.objects.filter(author_id=author_id, status=Visit.Status.DRAFT).order_by("visit_date", "pk")


def is_completed(visit: Visit) -> bool:
    """True for a completed RLS visit: signed, with at least one treatment row of any kind."""
    if visit.status != Visit.Status.SIGNED:
        return False
    kinds = (NeedlingSite, FascialPoint, PerformedExercise)
    return any(kind._default_manager.filter(visit=visit).exists() for kind in kinds)


def first_completed_on(case: Case) -> date | None:
    """Return the date of the case's first completed RLS visit: the anchor `first_visit` of every schedule."""
    signed = Visit.objects.filter(_TREATED, case=case, status=Visit.Status.SIGNED)
    return signed.order_by("visit_date").values_list("visit_date", flat=True).first()


def last_hands_on(chart: Chart) -> date | None:
    """Return the date of the chart's latest signed visit with needling or fascial work."""
    signed = Visit.objects.filter(_HANDS_ON, chart=chart, status=Visit.Status.SIGNED)
    return signed.order_by("-visit_date").values_list("visit_date", flat=True).first()


def signature(visit: Visit) -> Signature | None:
    """Return who signed the note."""
    return Signature.objects.filter(kind="visit", ref=visit.uuid, meaning=Signature.Meaning.AUTHOR).first()


def signatures(visits: Sequence[Visit]) -> dict[UUID, Signature]:
    """Return the author's signature of each of `visits` that has one, by the visit's uuid, in one query."""
    refs = [visit.uuid for visit in visits]
    rows = Signature.objects.filter(kind="visit", ref__in=refs, meaning=Signature.Meaning.AUTHOR)
    return {row.ref: row for row in rows}


def signed_count(case: Case) -> int:
    """Return how many visits of the case are signed."""
    return Visit.objects.filter(case=case, status=Visit.Status.SIGNED).count()


def charted_refs(refs: Sequence[str]) -> dict[str, Visit]:
    """Return the notes that were opened from the host's visits `refs`, by reference."""
    rows = Visit.objects.filter(~Q(status=Visit.Status.DISCARDED), host_visit__in=refs)
    return {row.host_visit: row for row in rows.order_by("pk")}

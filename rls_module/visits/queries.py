"""Reads of the visit room, and what a note still lacks before it can be signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from rls_module.cases.models import Case, Chart, Signature
from rls_module.visits.models import NeedlingSite, Visit


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that stands between a draft and a signature: the field, a code, and which needling site (from 1)."""

    field: str
    code: str
    site: int = 0


def as_stored(visit: Visit) -> Visit:
    """Return the note as the database has it now, beside the one in hand."""
    return Visit.objects.get(pk=visit.pk)


def sites(visit: Visit) -> list[NeedlingSite]:
    """Return the visit's needling sites in order."""
    return list(NeedlingSite.objects.filter(visit=visit).order_by("position"))


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
    """True for a completed RLS visit: signed, with at least one treatment row."""
    return visit.status == Visit.Status.SIGNED and NeedlingSite.objects.filter(visit=visit).exists()


def first_completed_on(case: Case) -> date | None:
    """Return the date of the case's first completed RLS visit: the anchor `first_visit` of every schedule."""
    signed = Visit.objects.filter(case=case, status=Visit.Status.SIGNED, needling_sites__isnull=False)
    return signed.order_by("visit_date").values_list("visit_date", flat=True).first()


def last_hands_on(chart: Chart) -> date | None:
    """Return the date of the chart's latest signed visit with needling."""
    signed = Visit.objects.filter(chart=chart, status=Visit.Status.SIGNED, needling_sites__isnull=False)
    return signed.order_by("-visit_date").values_list("visit_date", flat=True).first()


def signature(visit: Visit) -> Signature | None:
    """Return who signed the note."""
    return Signature.objects.filter(kind="visit", ref=visit.uuid, meaning=Signature.Meaning.AUTHOR).first()


def needles_in(rows: Sequence[NeedlingSite]) -> int:
    """Return how many needles went in, over all sites."""
    return sum(row.needles_in or 0 for row in rows)


def lacks(visit: Visit, rows: Sequence[NeedlingSite]) -> list[Lack]:
    """Return all that must be there before `visit` can be signed, in the order of the page; empty means ready.

    Needles out is counted by itself and must equal the needles in: a needle that is not accounted for may still be in
    the patient.
    """
    return [*_note_lacks(visit, rows), *_site_lacks(rows), *_count_lacks(visit, rows)]


def _note_lacks(visit: Visit, rows: Sequence[NeedlingSite]) -> Iterator[Lack]:
    for field in ("since_last", "reaction", "safety", "response", "next_time"):
        if not getattr(visit, field).strip():
            yield Lack(field, "missing")
    if visit.reaction == Visit.Reaction.OTHER and not visit.reaction_note.strip():
        yield Lack("reaction_note", "missing")
    if visit.safety == Visit.Safety.CHANGED and not visit.safety_note.strip():
        yield Lack("safety_note", "missing")
    for field in ("timed_minutes", "total_minutes"):
        if getattr(visit, field) is None:
            yield Lack(field, "missing")
    if (visit.timed_minutes or 0) > (visit.total_minutes or 0) and visit.total_minutes is not None:
        yield Lack("total_minutes", "below_timed")
    if not rows and not visit.no_treatment_because.strip():
        yield Lack("no_treatment_because", "nothing_done")


def _site_lacks(rows: Sequence[NeedlingSite]) -> Iterator[Lack]:
    for row in rows:
        if not row.side:
            yield Lack("side", "missing", row.position)
        if not row.needles_in:
            yield Lack("needles_in", "missing", row.position)


def _count_lacks(visit: Visit, rows: Sequence[NeedlingSite]) -> Iterator[Lack]:
    if rows and visit.needles_out is None:
        yield Lack("needles_out", "not_counted")
    elif (visit.needles_out or 0) != needles_in(rows):
        yield Lack("needles_out", "mismatch")


_HASHED_FIELDS = (
    "uuid host_visit visit_date visit_started_at author_name since_last nights reaction reaction_note safety "
    "safety_note findings needles_out aftercare_given no_treatment_because response timed_minutes total_minutes "
    "next_time"
).split()
_HASHED_SITE_FIELDS = "position muscle side technique gauge_mm length_mm needles_in twitch minutes".split()


def content_hash(visit: Visit, rows: Sequence[NeedlingSite]) -> str:
    """Return the SHA-256 of what is signed, the same on every database and after every restore."""
    content = {
        "visit": {name: _plain(getattr(visit, name)) for name in _HASHED_FIELDS},
        "sites": [{name: _plain(getattr(row, name)) for name in _HASHED_SITE_FIELDS} for row in rows],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    return format(value, ".2f") if hasattr(value, "as_tuple") else str(value)


def treated_days(case: Case) -> list[date]:
    """Return the days of signed visits with needling, oldest first, for the marks under a trend."""
    signed = Visit.objects.filter(case=case, status=Visit.Status.SIGNED, needling_sites__isnull=False)
    return list(signed.order_by("visit_date").values_list("visit_date", flat=True).distinct())


def needles_by_visit(keys: Sequence[int]) -> dict[int, int]:
    """Return visit key -> needles in, of those visits that had any."""
    rows = NeedlingSite.objects.filter(visit_id__in=keys).values_list("visit_id").annotate(Sum("needles_in"))
    return {key: count for key, count in rows.order_by("visit_id") if count}


def signed_count(case: Case) -> int:
    """Return how many visits of the case are signed."""
    return Visit.objects.filter(case=case, status=Visit.Status.SIGNED).count()


def charted_refs(refs: Sequence[str]) -> dict[str, Visit]:
    """Return the notes that were opened from the host's visits `refs`, by reference."""
    rows = Visit.objects.filter(~Q(status=Visit.Status.DISCARDED), host_visit__in=refs)
    return {row.host_visit: row for row in rows.order_by("pk")}

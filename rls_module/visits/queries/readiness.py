"""What a note still lacks before it can be signed, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rls_module.cases import queries as case_queries
from rls_module.knowledge.safety import adverse
from rls_module.visits.models import AdverseEvent, Visit
from rls_module.visits.queries.carrying import unreviewed
from rls_module.visits.queries.typed_rows import Treatment


@dataclass(frozen=True, slots=True)
class Lack:
    """Something between a draft and a signature: the field, a code, and in which row (from 1) of which block."""

    field: str
    code: str
    row: int = 0
    block: str = ""  # "site", "point" or "exercise" for a row, else empty


def lacks(visit: Visit, done: Treatment) -> list[Lack]:
    """Return all that must be there before `visit` can be signed, in the order of the page; empty means ready.

    Needles out is counted by itself and must equal the needles in: a needle that is not accounted for may still be in
    the patient. Where one stays missing the note is signed only with what became of it, the patient checked, and the
    incident on record. Needling needs a consent that stands on the day of the visit. What was carried forward has to
    be kept, changed or dropped first.
    """
    return [
        *_carried_lacks(done),
        *_note_lacks(visit, done),
        *_consent_lacks(visit, done),
        *_site_lacks(done),
        *_count_lacks(visit, done),
        *_point_lacks(done),
    ]


def _carried_lacks(done: Treatment) -> Iterator[Lack]:
    blocks = {"sites": "site", "points": "point", "exercises": "exercise"}
    for block, row in unreviewed(done):
        yield Lack("keep", "unreviewed", row.position, blocks[block])


def _note_lacks(visit: Visit, done: Treatment) -> Iterator[Lack]:
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
    if not done and not visit.no_treatment_because.strip():
        yield Lack("no_treatment_because", "nothing_done")


def _consent_lacks(visit: Visit, done: Treatment) -> Iterator[Lack]:
    if done.sites and not case_queries.consents_to(visit.chart, "needling", on=visit.visit_date):
        yield Lack("consent", "missing")


def _site_lacks(done: Treatment) -> Iterator[Lack]:
    for row in done.sites:
        if not row.side:
            yield Lack("side", "missing", row.position, "site")
        if not row.needles_in:
            yield Lack("needles_in", "missing", row.position, "site")


def _count_lacks(visit: Visit, done: Treatment) -> Iterator[Lack]:
    if done.sites and visit.needles_out is None:
        yield Lack("needles_out", "not_counted")
    elif (visit.needles_out or 0) > done.needles_in:
        yield Lack("needles_out", "above_in")
    elif (visit.needles_out or 0) < done.needles_in:
        yield from _discrepancy_lacks(visit)


def _discrepancy_lacks(visit: Visit) -> Iterator[Lack]:
    if not visit.discrepancy_note.strip():
        yield Lack("needles_out", "mismatch")
        return
    if not visit.patient_checked:
        yield Lack("patient_checked", "missing")
    if not AdverseEvent.objects.filter(visit=visit, event__in=adverse.OF_A_MISSING_NEEDLE).exists():
        yield Lack("incident", "missing")


def _point_lacks(done: Treatment) -> Iterator[Lack]:
    for row in done.points:
        if not row.side:
            yield Lack("side", "missing", row.position, "point")

"""A note from draft to signature: open it, save it, sign it, discard it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from rls_module import signals
from rls_module.audit import log
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Milestone
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, advance, store
from rls_module.library import queries as library_queries
from rls_module.visits import queries
from rls_module.visits.models import TreatmentRow, Visit

Rows = Sequence[Mapping[str, Any]]


class NotTheAuthor(Exception):
    """A draft is edited and signed by the person who opened it."""


class NotADraft(Exception):
    """The note is signed or discarded; it can't be changed any more."""


class NotReady(Exception):
    """The note lacks something; `lacks` says what."""

    def __init__(self, lacks: Sequence[queries.Lack]) -> None:
        super().__init__()
        self.lacks = lacks


@transaction.atomic
def open_draft(
    *,
    case: Case,
    visit_date: date,
    actor: Actor,
    now: datetime,
    host_visit: str = "",
    visit_started_at: datetime | None = None,
) -> Visit:
    """Open a note on `case`; the same visit of the host opened again by the same author is the same draft."""
    Case.objects.select_for_update().get(pk=case.pk)  # two taps on the same button are one draft
    there = queries.draft_for(case, host_visit, actor.user_id)
    if there is not None:
        return there
    visit = store(
        Visit(
            chart=case.chart,
            case=case,
            host_visit=host_visit,
            visit_date=visit_date,
            visit_started_at=visit_started_at,
            author_id=actor.user_id,
            author_name=actor.name,
            created_at=now,
        )
    )
    _record(actor, "visit.edit", visit, fields=("visit_date", "host_visit"))
    return visit


@transaction.atomic
def save_draft(
    *,
    visit: Visit,
    seen: int,
    note: Mapping[str, Any],
    sites: Rows = (),
    points: Rows = (),
    exercises: Rows = (),
    kept: Collection[queries.Block] = (),
    actor: Actor,
    now: datetime,
) -> Visit:
    """Store what stands on the page: `note` holds fields of Visit, the others the treatment rows in order.

    A row that was carried forward is looked at once its `keep` is true, a value of it differs from what is stored, or
    its block is among `kept`. An exercise without a code gets the one that the clinic's table has for its kind. Raises
    NotTheAuthor, NotADraft, or Stale when somebody saved since version `seen`; then nothing is written.
    """
    visit = _own_draft(visit, seen, actor)
    for name, value in note.items():
        setattr(visit, name, value)
    store(visit)
    coded = _with_codes(exercises, visit.chart.scope)
    sent: dict[queries.Block, Rows] = {"sites": sites, "points": points, "exercises": coded}
    for block, rows in sent.items():
        _write_rows(visit, block, rows, now, is_kept=block in kept)
    _record(actor, "visit.edit", visit, fields=(*note, "needling_sites", "fascial_points", "exercises"))
    return visit


def _write_rows(visit: Visit, block: queries.Block, rows: Rows, now: datetime, *, is_kept: bool) -> None:
    """Write the rows of one block anew, and keep in mind which of them still wait to be looked at."""
    stored = queries.MODELS[block]._default_manager.filter(visit=visit)
    carried = {row.carried_from: row for row in stored if row.carried_from}
    stored.delete()
    for position, sent in enumerate(rows, 1):
        values = {name: value for name, value in sent.items() if name not in ("carried_from", "keep")}
        was: TreatmentRow | None = carried.get(sent.get("carried_from"))
        is_looked_at = is_kept or bool(sent.get("keep")) or was is None or _differs(was, values)
        store(
            queries.MODELS[block](
                visit=visit,
                position=position,
                created_at=now,
                carried_from=was.carried_from if was else None,
                is_unreviewed=was is not None and was.is_unreviewed and not is_looked_at,
                **values,
            )
        )


def _differs(row: TreatmentRow, values: Mapping[str, Any]) -> bool:
    """Compare what was typed; the library's key and the code to bill follow from the name, and nobody touched them."""
    return any(getattr(row, name) != value for name, value in values.items() if name not in ("exercise", "code"))


@transaction.atomic
def carry_forward(*, visit: Visit, seen: int, blocks: Collection[queries.Block], actor: Actor, now: datetime) -> Visit:
    """Add to a draft what the case's last signed visit had in `blocks`: where and how, never how it went.

    What is there already is not added again. Raises NotTheAuthor, NotADraft, Stale as `save_draft` does.
    """
    visit = _own_draft(visit, seen, actor)
    last, done = queries.last_signed(visit), queries.treatment(visit)
    before = queries.treatment(last) if last else None
    for block in blocks:
        there = len(getattr(done, block))
        for position, row in enumerate(queries.carriable(block, before, done), there + 1):
            values = queries.carried_values(block, row)
            carried = {"carried_from": row.uuid, "is_unreviewed": True}
            store(queries.MODELS[block](visit=visit, position=position, created_at=now, **values, **carried))
    _record(actor, "visit.edit", visit, fields=[queries.MODELS[block]._meta.model_name or "" for block in blocks])
    return visit


@transaction.atomic
def sign(*, visit: Visit, seen: int, actor: Actor, now: datetime) -> Visit:
    """Sign the note as it is stored; from here on triggers guard it.

    Raises NotTheAuthor, NotADraft, Stale, or NotReady with everything that is still lacking. A completed visit reaches
    the milestones that follow-ups hang from.
    """
    visit = _own_draft(visit, seen, actor)
    done = queries.treatment(visit)
    lacks = queries.lacks(visit, done)
    if lacks:
        raise NotReady(lacks)
    case_actions.add_signature(
        chart=visit.chart,
        kind="visit",
        ref=visit.uuid,
        meaning="author",
        content_hash=queries.content_hash(visit, done),
        actor=actor,
        now=now,
    )
    visit.status = Visit.Status.SIGNED
    store(visit)
    _reach_milestones(visit, actor, now)
    transaction.on_commit(partial(signals.visit_signed.send, Visit, visit_id=visit.pk))
    return visit


@transaction.atomic
def discard(*, visit: Visit, seen: int, actor: Actor) -> None:
    """Put a draft aside; it stays in the database and leaves every list."""
    visit = _own_draft(visit, seen, actor)
    visit.status = Visit.Status.DISCARDED
    store(visit)
    _record(actor, "visit.edit", visit, fields=("status",))


def _own_draft(visit: Visit, seen: int, actor: Actor) -> Visit:
    """Take version `seen` of the draft for this transaction and return it as the database now has it."""
    if visit.author_id != actor.user_id or not actor.is_staff:
        raise NotTheAuthor
    if not visit.is_draft:
        raise NotADraft
    advance(visit, seen=seen)
    fresh = Visit.objects.select_related("chart", "case").get(pk=visit.pk)
    if not fresh.is_draft:
        raise Stale
    return fresh


def _with_codes(exercises: Rows, scope: str) -> Rows:
    if all(row.get("code") for row in exercises):
        return exercises
    kinds, families = library_queries.billing_table(scope).kinds, library_queries.families(scope)
    return [
        {**row, "code": row.get("code") or kinds.get(families.get(row.get("exercise", ""), "other"), "")}
        for row in exercises
    ]


def _reach_milestones(visit: Visit, actor: Actor, now: datetime) -> None:
    reach = partial(case_actions.reach, case=visit.case, actor=actor, now=now)
    reach(kind=Milestone.Kind.VISIT_SIGNED, on=visit.visit_date, ref=f"visit:{visit.uuid}")
    first = queries.first_completed_on(visit.case)
    if first is not None:
        reach(kind=Milestone.Kind.FIRST_VISIT, on=first, ref="first")


def _record(actor: Actor, verb: str, visit: Visit, *, fields: Sequence[str]) -> None:
    log.record(
        actor=actor,
        verb=verb,
        kind="visit",
        ref=visit.uuid,
        patient=visit.chart.patient_id,
        scope=visit.chart.scope,
        fields=fields,
    )

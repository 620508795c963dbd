"""What may be carried forward from the last visit, and what of it is still to be looked at.

Source: project design, decisions 12.6. Safety screen, consent, counts, twitch, scores, response, adverse events and
minutes are of one day and are never carried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, TreatmentRow
from rls_module.visits.queries.typed_rows import Treatment

Block = Literal["sites", "points", "exercises"]
MODELS: dict[Block, type[Any]] = {
    "sites": NeedlingSite,
    "points": FascialPoint,
    "exercises": PerformedExercise,
}
CARRIED: dict[Block, tuple[str, ...]] = {
    "sites": ("muscle", "side", "technique", "gauge_mm", "length_mm"),
    "points": ("point", "side", "is_balance"),
    "exercises": ("exercise", "name", "side", "sets", "reps", "hold_s"),
}
# By what a row is the same as another: it is not carried where the draft has it already.
_PLACE: dict[Block, tuple[str, ...]] = {
    "sites": ("muscle", "side"),
    "points": ("point", "side"),
    "exercises": ("name", "side"),
}


def carriable(block: Block, last: Treatment | None, done: Treatment) -> list[TreatmentRow]:
    """Return the rows of the last visit that the draft does not have yet, in their order."""
    there = {_place(block, row) for row in _rows(block, done)}
    return [row for row in _rows(block, last) if _place(block, row) not in there] if last else []


def carried_values(block: Block, row: TreatmentRow) -> dict[str, Any]:
    """Return what goes over into the new visit: where and how, and nothing of how it went."""
    return {name: getattr(row, name) for name in CARRIED[block]}


def unreviewed(done: Treatment) -> Iterator[tuple[Block, TreatmentRow]]:
    """Yield the rows that were carried forward and that nobody has kept, changed or dropped."""
    for block in MODELS:
        yield from ((block, row) for row in _rows(block, done) if row.is_unreviewed)


def _rows(block: Block, done: Treatment) -> Sequence[TreatmentRow]:
    rows: Sequence[TreatmentRow] = getattr(done, block)
    return rows


def _place(block: Block, row: TreatmentRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _PLACE[block])

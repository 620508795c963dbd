"""What was done in a visit, row by row, and the hash of what is signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rls_module.host.rows import Row
from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, Visit


@dataclass(frozen=True, slots=True)
class Treatment:
    """The typed rows of one visit, each kind in order; true when there is any."""

    sites: Sequence[NeedlingSite] = ()
    points: Sequence[FascialPoint] = ()
    exercises: Sequence[PerformedExercise] = ()

    def __bool__(self) -> bool:
        return bool(self.sites or self.points or self.exercises)

    @property
    def needles_in(self) -> int:
        """How many needles went in, over all sites."""
        return sum(row.needles_in or 0 for row in self.sites)


def treatment(visit: Visit) -> Treatment:
    """Return what was done in `visit`, as it is stored."""
    return Treatment(
        sites=list(NeedlingSite.objects.filter(visit=visit).order_by("position")),
        points=list(FascialPoint.objects.filter(visit=visit).order_by("position")),
        exercises=list(PerformedExercise.objects.filter(visit=visit).order_by("position")),
    )


def treatments(visits: Sequence[Visit]) -> dict[int, Treatment]:
    """Return what was done in each of `visits` by its key, in three queries."""
    found: dict[int, dict[str, list[Any]]] = {visit.pk: {} for visit in visits}
    for kind, model in (("sites", NeedlingSite), ("points", FascialPoint), ("exercises", PerformedExercise)):
        for row in model._default_manager.filter(visit__in=found).order_by("position"):
            found[row.visit_id].setdefault(kind, []).append(row)
    return {key: Treatment(**rows) for key, rows in found.items()}


_NOTE_FIELDS = (
    "uuid host_visit visit_date visit_started_at author_name since_last nights reaction reaction_note safety "
    "safety_note findings needles_out discrepancy_note patient_checked aftercare_given no_treatment_because response "
    "timed_minutes total_minutes unit_code next_time"
).split()
_ROW_FIELDS = {
    "sites": "position muscle side technique gauge_mm length_mm needles_in twitch minutes".split(),
    "points": (
        "position point side palpation_before palpation_after movement_before movement_after minutes is_balance"
    ).split(),
    "exercises": "position exercise name side sets reps hold_s minutes quality code note".split(),
}


def content_hash(visit: Visit, done: Treatment) -> str:
    """Return the SHA-256 of what is signed, the same on every database and after every restore."""
    content: dict[str, Any] = {"visit": _plain_row(visit, _NOTE_FIELDS)}
    for kind, fields in _ROW_FIELDS.items():
        content[kind] = [_plain_row(row, fields) for row in getattr(done, kind)]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _plain_row(row: Row, fields: Sequence[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    return format(value, ".2f") if hasattr(value, "as_tuple") else str(value)

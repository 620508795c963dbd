"""Medicines and iron that a patient takes or took: what is told is written down, nothing is ever advised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rls_module.cases.models import Case
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import advance, store
from rls_module.intake.actions.records import record
from rls_module.intake.models import Medication
from rls_module.knowledge.vocabulary import medicines


@transaction.atomic
def record_medicine(*, case: Case, values: Mapping[str, Any], actor: Actor, now: datetime) -> Medication:
    """Write down one medicine; `values` are fields of Medication. A name that is known gets its code."""
    row = Medication(
        chart=case.chart,
        case=case,
        recorded_by_id=actor.user_id,
        recorded_by_name=actor.name,
        created_at=now,
    )
    return _keep(row, values, actor)


@transaction.atomic
def change_medicine(*, medicine: Medication, seen: int, values: Mapping[str, Any], actor: Actor) -> Medication:
    """Correct or end what is written of a medicine. Raises Stale when it changed since version `seen`."""
    advance(medicine, seen=seen)
    return _keep(medicine, values, actor)


def _keep(row: Medication, values: Mapping[str, Any], actor: Actor) -> Medication:
    for name, value in values.items():
        setattr(row, name, value)
    known = medicines.find(row.name)
    row.code = known.key if known else ""
    store(row)
    record(actor, "medication.edit", row, fields=tuple(values))
    return row

"""The home programme: what is prescribed runs until it is stopped; another dose is another prescription."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from rls_module.cases.models import Case
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import advance, store
from rls_module.plans import queries
from rls_module.plans.actions.records import record
from rls_module.plans.models import Prescription


@transaction.atomic
def prescribe(*, case: Case, values: Mapping[str, Any], on: date, actor: Actor, now: datetime) -> Prescription:
    """Add an exercise to the home programme from the day `on`; `values` are fields of Prescription."""
    row = store(
        Prescription(
            chart=case.chart,
            case=case,
            plan=queries.running(case),
            started_on=on,
            prescribed_by_id=actor.user_id,
            prescribed_by_name=actor.name,
            created_at=now,
            **values,
        )
    )
    record(actor, row, fields=tuple(values))
    return row


@transaction.atomic
def stop(*, prescription: Prescription, seen: int, reason: str, on: date, actor: Actor) -> None:
    """End an exercise on the day `on`. Raises ValueError without a reason, Stale when it changed since `seen`."""
    if not reason.strip():
        raise ValueError("say why")
    advance(prescription, seen=seen)
    prescription.stopped_on, prescription.stop_reason = on, reason.strip()
    store(prescription)
    record(actor, prescription, fields=("stopped_on", "stop_reason"))

"""The audit events of this room's actions."""

from __future__ import annotations

from collections.abc import Iterable

from rls_module.audit import log
from rls_module.host.actor import Actor
from rls_module.plans.models import Plan, Prescription, Teaching


def record(actor: Actor, row: Plan | Prescription | Teaching, *, fields: Iterable[str], reason: str = "") -> None:
    """Record what was done to `row`; `fields` are names, never values."""
    log.record(
        actor=actor,
        verb="plan.edit",
        kind=row._meta.model_name or "",
        ref=row.uuid,
        patient=row.chart.patient_id,
        scope=row.chart.scope,
        fields=fields,
        purpose=reason,
    )

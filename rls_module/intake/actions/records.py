"""The audit events of this room's actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rls_module.audit import log
from rls_module.host.actor import Actor


def record(actor: Actor, verb: str, row: Any, *, fields: Iterable[str], reason: str = "") -> None:
    """Record what was done to `row`, which hangs from a chart; `fields` are names, never values."""
    log.record(
        actor=actor,
        verb=verb,
        kind=row._meta.model_name,
        ref=row.uuid,
        patient=row.chart.patient_id,
        scope=row.chart.scope,
        fields=fields,
        purpose=reason,
    )

"""The audit events of this room's actions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.host.actor import Actor


def record(actor: Actor, verb: str, chart: Chart, row: Any, *, fields: Iterable[str]) -> None:
    """Record what was done to `row`, which hangs from `chart`; `fields` are names, never values."""
    log.record(
        actor=actor,
        verb=verb,
        kind=row._meta.model_name,
        ref=row.uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        fields=fields,
    )

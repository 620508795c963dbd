"""The audit events of this room's actions."""

from __future__ import annotations

from collections.abc import Iterable

from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.followups.models import Occurrence
from rls_module.host.actor import Actor


def of_occurrence(
    actor: Actor, verb: str, occurrence: Occurrence, *, fields: Iterable[str], refused: bool = False, purpose: str = ""
) -> None:
    """Record what was done to one time of asking."""
    log.record(
        actor=actor,
        verb=verb,
        kind="occurrence",
        ref=occurrence.uuid,
        patient=occurrence.chart.patient_id,
        scope=occurrence.scope,
        fields=fields,
        refused=refused,
        purpose=purpose,
    )


def of_chart(actor: Actor, verb: str, chart: Chart, *, fields: Iterable[str], purpose: str = "") -> None:
    """Record what was done to a chart's mail as a whole."""
    log.record(
        actor=actor,
        verb=verb,
        kind="chart",
        ref=chart.uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        fields=fields,
        purpose=purpose,
    )

"""Financial notices: what the patient was told to pay, kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.visits.models import FinancialNotice


@transaction.atomic
def record_notice(*, chart: Chart, values: Mapping[str, Any], actor: Actor, now: datetime) -> FinancialNotice:
    """Keep a notice that the patient signed; `values` are fields of FinancialNotice. A later one takes its place."""
    row = store(
        FinancialNotice(
            chart=chart, recorded_by_id=actor.user_id, recorded_by_name=actor.printed, created_at=now, **values
        )
    )
    log.record(
        actor=actor,
        verb="notice.create",
        kind=row._meta.model_name or "",
        ref=row.uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        fields=tuple(values),
    )
    return row

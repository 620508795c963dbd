"""Dates of a plan's certification, one by one as they come about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rls_module.audit import log
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.plans.models import CertificationDate, Plan


class NoPlan(Exception):
    """Only a plan that was signed is sent, certified and reported on."""


@transaction.atomic
def record_certification(*, plan: Plan, values: Mapping[str, Any], actor: Actor, now: datetime) -> CertificationDate:
    """Keep one date of a signed plan for good; `values` are fields of CertificationDate. Raises NoPlan for a draft."""
    if plan.signed_at is None:
        raise NoPlan
    row = store(
        CertificationDate(
            chart=plan.chart,
            case=plan.case,
            plan=plan,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.printed,
            created_at=now,
            **values,
        )
    )
    log.record(
        actor=actor,
        verb="billing.edit",
        kind=row._meta.model_name or "",
        ref=row.uuid,
        patient=plan.chart.patient_id,
        scope=plan.chart.scope,
        fields=tuple(values),
    )
    return row

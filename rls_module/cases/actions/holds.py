"""Putting and lifting a legal hold."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from rls_module.cases.actions.records import record
from rls_module.cases.models import Chart, Hold, HoldLift
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, store


@transaction.atomic
def put_hold(*, chart: Chart, reason: str, actor: Actor, now: datetime) -> Hold:
    """Keep everything of this patient's from being erased until somebody lifts the hold."""
    hold = store(
        Hold(chart=chart, reason=reason, put_by_id=actor.user_id, put_by_name=actor.name, created_at=now),
    )
    record(actor, "hold.create", chart, hold, fields=("reason",))
    return hold


@transaction.atomic
def lift_hold(*, hold: Hold, reason: str, actor: Actor, now: datetime) -> HoldLift:
    """End a hold. Raises Stale where somebody has lifted it already."""
    lift = HoldLift(
        chart=hold.chart,
        hold=hold,
        reason=reason,
        lifted_by_id=actor.user_id,
        lifted_by_name=actor.name,
        created_at=now,
    )
    try:
        with transaction.atomic():
            store(lift)
    except IntegrityError:
        raise Stale from None
    record(actor, "hold.lift", hold.chart, hold, fields=("reason",))
    return lift

"""What was explained to the patient, and whether the patient said it back."""

from __future__ import annotations

from datetime import date, datetime

from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.plans.actions.records import record
from rls_module.plans.models import Plan, Teaching


@transaction.atomic
def teach(*, plan: Plan, topic: str, is_taught_back: bool, on: date, actor: Actor, now: datetime) -> Teaching:
    """Record that `topic` of the signed `plan` was explained on a day; the same again is recorded once.

    Raises ValueError for a topic that the plan does not have, or a plan that is not running.
    """
    if topic not in plan.topics or plan.running_key is None:
        raise ValueError("not a topic of a running plan")
    there = Teaching.objects.filter(plan=plan, topic=topic, taught_on=on, is_taught_back=is_taught_back).first()
    if there is not None:
        return there
    row = store(
        Teaching(
            chart=plan.chart,
            case=plan.case,
            plan=plan,
            topic=topic,
            taught_on=on,
            is_taught_back=is_taught_back,
            taught_by_id=actor.user_id,
            taught_by_name=actor.name,
            created_at=now,
        )
    )
    record(actor, row, fields=("topic", "is_taught_back"))
    return row

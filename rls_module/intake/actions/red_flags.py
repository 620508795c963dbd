"""Red flags become tasks, due in the clinic's opening time, each once for what it was found in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Task
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.intake import queries
from rls_module.knowledge.safety import opening
from rls_module.knowledge.vocabulary import loading

DUE = {"now": opening.Due(opening_hours=1), "working_day": opening.Due(working_days=1)}


@transaction.atomic
def raise_red_flags(*, case: Case, keys: Sequence[str], cause: str, actor: Actor, now: datetime) -> list[Task]:
    """Open one task for each red flag that `cause` (what it was found in) has not raised before.

    A flag that is open on the chart already, whatever it was found in, is one task and not two.
    """
    open_ones = Task.objects.filter(chart=case.chart, kind=Task.Kind.RED_FLAG).exclude(state=Task.State.DONE)
    known = {params.get("flag") for params in open_ones.values_list("params", flat=True)}
    hours = queries.opening_hours(case)
    urgency = {one.key: one.urgency for one in loading.red_flags()}
    opened = [
        case_actions.open_task(
            chart=case.chart,
            case=case,
            kind=Task.Kind.RED_FLAG,
            rule="red_flag",
            params={"flag": key},
            due_at=opening.due_at(now, DUE[urgency[key]], hours),
            actor=actor,
            now=now,
            cause_key=f"red_flag:{cause}:{key}",
        )
        for key in keys
        if key not in known
    ]
    return [task for task in opened if task is not None]

"""What the answers of an intake ask of a person, whoever gave them and wherever: red flags and alerts as tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.intake import queries
from rls_module.intake.actions.red_flags import raise_red_flags
from rls_module.knowledge.safety import intake_alerts, opening


@transaction.atomic
def raise_alerts(
    *,
    case: Case,
    answers: Mapping[str, Any],
    cause: str,
    actor: Actor,
    now: datetime,
    raised: Mapping[str, Any] | None = None,
) -> None:
    """Open a task for each thing in `answers` that a person must act on, once for its `cause`.

    `raised` are answers that had their tasks before, when the patient gave them: what stands in them opens no second.
    """
    before = raised or {}
    flags = [key for key in intake_alerts.red_flags(answers) if key not in intake_alerts.red_flags(before)]
    raise_red_flags(case=case, keys=flags, cause=cause, actor=actor, now=now)
    known = {alert.rule for alert in intake_alerts.alerts(before)}
    hours = queries.opening_hours(case)
    for alert in intake_alerts.alerts(answers):
        if alert.rule in known:
            continue
        case_actions.open_task(
            chart=case.chart,
            case=case,
            kind="alert",
            rule=alert.rule,
            due_at=opening.due_at(now, alert.due, hours),
            actor=actor,
            now=now,
            cause_key=f"{alert.rule}:{cause}",
        )

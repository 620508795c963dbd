"""Referrals: whom a patient was sent to and why, what came of it, and the red flags that are answered by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case, Task
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.intake import queries
from rls_module.intake.actions.records import record
from rls_module.intake.actions.red_flags import raise_red_flags
from rls_module.intake.models import Referral, ReferralOutcome
from rls_module.knowledge.safety import opening

# How long to wait before asking what came of a referral. Source: project design.
ASK_AFTER = {
    Referral.Urgency.NOW: opening.Due(working_days=1),
    Referral.Urgency.DAYS: opening.Due(working_days=5),
    Referral.Urgency.ROUTINE: opening.Due(working_days=20),
}


@transaction.atomic
def refer(*, case: Case, values: Mapping[str, Any], actor: Actor, now: datetime) -> Referral:
    """Keep a referral; `values` are fields of Referral. It answers the chart's open red flags that it names.

    A task asks later what came of it. Raises ValueError where neither a red flag nor words say why, Stale where
    somebody changed one of the tasks in the meantime; then nothing is written.
    """
    if not (values["red_flags"] or values["reason"].strip()):
        raise ValueError("say why")
    referral = store(
        Referral(
            chart=case.chart,
            case=case,
            referred_by_id=actor.user_id,
            referred_by_name=actor.name,
            created_at=now,
            **values,
        )
    )
    record(actor, "intake.edit", referral, fields=tuple(values))
    for task in queries.open_red_flags(case.chart):
        if task.params.get("flag") in referral.red_flags:
            case_actions.close_task(
                task=task, seen=task.version, outcome=f"referred: {referral.to}", actor=actor, now=now
            )
    _ask_later(referral, actor, now)
    return referral


@transaction.atomic
def answer_referral(*, referral: Referral, values: Mapping[str, Any], actor: Actor, now: datetime) -> ReferralOutcome:
    """Add what came of a referral; `values` are fields of ReferralOutcome. Nobody has to ask for it any more.

    Where the referral was entered in error its red flags are open again, each as a task of its own.
    """
    outcome = store(
        ReferralOutcome(
            chart=referral.chart,
            referral=referral,
            recorded_by_id=actor.user_id,
            recorded_by_name=actor.name,
            created_at=now,
            **values,
        )
    )
    record(actor, "intake.edit", outcome, fields=tuple(values))
    for task in Task.objects.filter(cause_key=_cause(referral)).exclude(state=Task.State.DONE):
        case_actions.close_task(task=task, seen=task.version, outcome=outcome.note, actor=actor, now=now)
    if outcome.kind == ReferralOutcome.Kind.IN_ERROR:
        raise_red_flags(
            case=referral.case, keys=referral.red_flags, cause=f"referral:{referral.pk}", actor=actor, now=now
        )
    return outcome


def _ask_later(referral: Referral, actor: Actor, now: datetime) -> None:
    due = ASK_AFTER[Referral.Urgency(referral.urgency)]
    case_actions.open_task(
        chart=referral.chart,
        case=referral.case,
        kind=Task.Kind.REVIEW,
        rule="referral",
        params={"referral": str(referral.uuid)},
        due_at=opening.due_at(now, due, queries.opening_hours(referral.case)),
        actor=actor,
        now=now,
        cause_key=_cause(referral),
    )


def _cause(referral: Referral) -> str:
    return f"referral:{referral.pk}"

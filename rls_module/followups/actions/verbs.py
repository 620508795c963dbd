"""What an operator may do to one mail of the queue, always with a reason: try it again, or let it be."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from rls_module.audit import log
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host import transaction
from rls_module.host.actor import Actor

Why = Literal["no_reason", "form_closed", "being_sent", "already_sent", "already_queued", "already_over"]

State = Delivery.State
REQUEUED = (State.DEAD, State.BOUNCED, State.SUPPRESSED, State.CANCELLED, State.UNCERTAIN)
CANCELLED = (State.SCHEDULED, State.RETRY, State.UNCERTAIN)


class NotPossible(ValueError):
    """The mail is past what was asked for; `why` says how, as a key."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def requeue(*, delivery: Delivery, reason: str, actor: Actor, now: datetime) -> None:
    """Let a mail that ended without going out try again from the next turn on, or from when it is due.

    Whether it may go is decided again in its claim: a patient who chose no mail gets none by this. Raises NotPossible
    where it is on its way, has gone, or its form is closed, and without a reason.
    """
    occurrence = Occurrence.objects.select_for_update().get(pk=delivery.occurrence_id)
    if occurrence.state != Occurrence.State.OPEN or now >= occurrence.window_end:
        raise NotPossible("form_closed")
    at = max(now, delivery.due_at)
    fresh = {"tries": 0, "attempts": 0, "uncertain_count": 0, "smtp_code": None, "next_attempt_at": at}
    _move(delivery, REQUEUED, {"state": State.SCHEDULED, "state_reason": "requeued", **fresh}, "requeue", reason, actor)


@transaction.atomic
def cancel(*, delivery: Delivery, reason: str, actor: Actor) -> None:
    """Take a mail that has not gone out of the queue. Raises NotPossible where it has, or is just going; or no reason.

    Planning does not bring it back.
    """
    changes = {"state": State.CANCELLED, "state_reason": "by_staff"}
    _move(delivery, CANCELLED, changes, "cancel", reason, actor)


def _move(  # noqa: PLR0917  two callers above, nobody else
    delivery: Delivery, states: tuple[str, ...], changes: dict[str, Any], verb: str, reason: str, actor: Actor
) -> None:
    """Compare-and-set: a worker that claims the row in this moment wins, or finds it gone."""
    if not reason.strip():
        raise NotPossible("no_reason")
    if not Delivery.objects.filter(pk=delivery.pk, state__in=states, lease_token=None).update(**changes):
        raise NotPossible(_why_not(Delivery.objects.get(pk=delivery.pk).state))
    log.record(
        actor=actor,
        verb=f"delivery.{verb}",
        kind="delivery",
        ref=delivery.uuid,
        patient=delivery.chart.patient_id,
        scope=delivery.scope,
        fields=("state",),
        purpose=reason.strip(),
    )


def _why_not(state: str) -> Why:
    match state:
        case State.SENDING:
            return "being_sent"
        case State.SENT:
            return "already_sent"
        case State.SCHEDULED | State.RETRY:
            return "already_queued"
        case _:
            return "already_over"

"""How the engine stands, for the people who run it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from rls_module.followups.models import Delivery, EngineState
from rls_module.followups.queries.standing import FAILED_STATES, UNSENT, due, engine_state

LATE = timedelta(minutes=6)  # five are too long, and a cron of five minutes is no fault


@dataclass(frozen=True, slots=True)
class Health:
    """How the engine of one clinic stands, for the people who look at its queue; seconds where the name ends in _s."""

    due: int
    oldest_due_s: int | None
    last_tick_s: int | None
    paused_at: datetime | None
    pause_reason: str

    @property
    def is_late(self) -> bool:
        """True when mails are due for too long, or nothing has turned the engine for too long."""
        return self.late_minutes >= LATE.total_seconds() / 60

    @property
    def late_minutes(self) -> int:
        """By how much, in whole minutes."""
        return max(self.oldest_due_s or 0, self.last_tick_s or 0) // 60


def engine_health(scope: str, now: datetime, clock: datetime) -> Health:
    """Return how the engine of `scope` stands; `now` decides what is due, ticks are kept by the real `clock`."""
    waiting = due(scope, now).aggregate(count=Count("pk"), oldest=Min("next_attempt_at"))
    state = engine_state(scope)
    oldest = waiting["oldest"]
    return Health(
        due=waiting["count"],
        oldest_due_s=None if oldest is None else int((now - oldest).total_seconds()),
        last_tick_s=None if state is None else max(0, int((clock - state.last_tick_at).total_seconds())),
        paused_at=state.paused_at if state else None,
        pause_reason=state.pause_reason if state else "",
    )


def stuck(scope: str) -> int:
    """Return how many mails are held by a worker whose lease has run out."""
    return Delivery.objects.filter(scope=scope, state=Delivery.State.SENDING, lease_until__lt=Now()).count()


@dataclass(frozen=True, slots=True)
class Status:
    """The engine in seven numbers; seconds where the name ends in _s."""

    due: int
    sending: int
    sent: int
    uncertain: int
    failed: int
    oldest_due_s: int | None
    last_tick_s: int | None


def status(now: datetime, clock: datetime) -> Status:
    """Return the counts over every scope; `now` decides what is due, `clock` is the real one that ticks are kept by."""
    state = Delivery.State
    counts = Delivery.objects.aggregate(
        due=Count("pk", filter=Q(state__in=UNSENT, next_attempt_at__lte=now)),
        oldest=Min("next_attempt_at", filter=Q(state__in=UNSENT, next_attempt_at__lte=now)),
        sending=Count("pk", filter=Q(state=state.SENDING)),
        sent=Count("pk", filter=Q(state=state.SENT)),
        uncertain=Count("pk", filter=Q(state=state.UNCERTAIN)),
        failed=Count("pk", filter=Q(state__in=FAILED_STATES)),
    )
    oldest = counts.pop("oldest")
    last_tick = EngineState.objects.aggregate(last=Min("last_tick_at"))["last"]
    return Status(
        **counts,
        oldest_due_s=None if oldest is None else int((now - oldest).total_seconds()),
        last_tick_s=None if last_tick is None else max(0, int((clock - last_tick).total_seconds())),
    )


def delivery(uuid: UUID) -> Delivery | None:
    """Return one mail of the queue, whichever clinic's, for operators on the server."""
    return Delivery.objects.select_related("chart", "occurrence").filter(uuid=uuid).first()

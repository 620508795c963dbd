"""How the engine stands, for the people who run it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
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


def status(now: datetime, clock: datetime, *, scope: str | None = None) -> Status:
    """Return the counts of `scope`, or of every one that this database has.

    `now` decides what is due, `clock` is the real one that ticks are kept by.
    """
    state, of_scope = Delivery.State, Q() if scope is None else Q(scope=scope)
    counts = Delivery.objects.filter(of_scope).aggregate(
        due=Count("pk", filter=Q(state__in=UNSENT, next_attempt_at__lte=now)),
        oldest=Min("next_attempt_at", filter=Q(state__in=UNSENT, next_attempt_at__lte=now)),
        sending=Count("pk", filter=Q(state=state.SENDING)),
        sent=Count("pk", filter=Q(state=state.SENT)),
        uncertain=Count("pk", filter=Q(state=state.UNCERTAIN)),
        failed=Count("pk", filter=Q(state__in=FAILED_STATES)),
    )
    oldest = counts.pop("oldest")
    last_tick = EngineState.objects.filter(of_scope).aggregate(last=Min("last_tick_at"))["last"]
    return Status(
        **counts,
        oldest_due_s=None if oldest is None else int((now - oldest).total_seconds()),
        last_tick_s=None if last_tick is None else max(0, int((clock - last_tick).total_seconds())),
    )


def together(found: Iterable[Status]) -> Status:
    """Return one status for several scopes: counts added up, and of the times the longest."""
    rows = [asdict(one) for one in found]

    def longest(name: str) -> int | None:
        return max((row[name] for row in rows if row[name] is not None), default=None)

    counts = {name: sum(row[name] for row in rows) for name in ("due", "sending", "sent", "uncertain", "failed")}
    return Status(**counts, oldest_due_s=longest("oldest_due_s"), last_tick_s=longest("last_tick_s"))


def delivery(uuid: UUID) -> Delivery | None:
    """Return one mail of the queue, whichever clinic's, for operators on the server."""
    return Delivery.objects.select_related("chart", "occurrence").filter(uuid=uuid).first()

"""One turn of the engine: plan, close, ask staff to call, recover, send, seal the audit."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from time import monotonic
from urllib.request import urlopen

from django.db.models import Q
from django.db.models.functions import Now

from rls_module import conf
from rls_module.audit import log, sealing
from rls_module.cases import actions as case_actions
from rls_module.followups import queries, queue
from rls_module.followups.actions import records
from rls_module.followups.actions.catching_up import catch_up
from rls_module.followups.actions.notices import tell_of_emergencies
from rls_module.followups.actions.planning import move_strays, plan_marked
from rls_module.followups.models import Delivery, EngineState, Occurrence
from rls_module.host import clock, scopes, transaction
from rls_module.host.actor import Actor, system
from rls_module.host.adapter import databases
from rls_module.knowledge.protocols import ahead, schedule

logger = logging.getLogger(__name__)

MOST_SKEW = timedelta(seconds=30)
LONGEST_DRAIN = timedelta(seconds=50)
DEADMAN_WAIT_S = 5
MAIL_AGE = timedelta(days=1)  # nobody is called about a mail of today


def tick(*, now: datetime) -> int:
    """Do one turn for every scope: plan, close, ask staff to call, recover, send. Returns how many mails went out.

    A scope that raises is reported and does not stop the others, nor does one that has much to send: batches go in
    rounds. Raises ImproperlyConfigured where the rows of a database were written for another host's patients.
    """
    turn = scopes.walk(lambda scope: _prepare(scope, now), what="the engine's turn")
    sent, failed = _send_in_rounds({scope for scope, may_send in turn.results.items() if may_send}, now)
    if _seal_audit() and not turn.failed and not failed:
        _show_life()
    return sent


def _send_in_rounds(waiting: set[str], now: datetime) -> tuple[int, bool]:
    """Send a batch of each scope in turn, while there is one; return how many went out, and whether any failed."""
    until, sent, has_failed = monotonic() + LONGEST_DRAIN.total_seconds(), 0, False
    while waiting and monotonic() < until:
        done = scopes.walk(lambda scope: _batch(scope, now), what="sending", only=waiting)
        batches = {scope: batch for scope, batch in done.results.items() if batch is not None}
        sent += sum(batches.values())
        has_failed = has_failed or bool(done.failed)
        waiting = set(batches)
    return sent, has_failed


def _seal_audit() -> bool:
    """Seal what was witnessed since the last turn, in every scope and in none; False where that failed somewhere."""
    is_whole = True
    for context in databases():
        try:
            with context:
                sealing.seal_all()
        except Exception as error:  # noqa: BLE001  as above; the mails have gone out all the same
            logger.error("the audit could not be sealed (%s)", type(error).__name__)
            is_whole = False
    return is_whole


def _show_life() -> None:
    """Ping DEADMAN_URL: its silence is the alarm, so a turn that failed somewhere stays silent."""
    url = conf.get("DEADMAN_URL")
    if not url:
        return
    try:
        with urlopen(url, timeout=DEADMAN_WAIT_S):  # noqa: S310  the operator's own address, from the settings
            pass
    except (OSError, ValueError, HTTPException) as error:
        logger.warning("DEADMAN_URL did not take the ping (%s)", type(error).__name__)


@transaction.atomic
def pause(*, scope: str, reason: str, actor: Actor) -> None:
    """Stop sending for one scope until somebody resumes it; planning and closing go on."""
    EngineState.objects.update_or_create(scope=scope, defaults={"paused_at": Now(), "pause_reason": reason[:200]})
    log.record(actor=actor, verb="queue.pause", kind="enginestate", ref=scope, scope=scope, purpose=reason)


@transaction.atomic
def resume(*, scope: str, actor: Actor) -> bool:
    """Send again; False where the scope was not paused."""
    was_paused = EngineState.objects.filter(scope=scope, paused_at__isnull=False)
    if not was_paused.update(paused_at=None, pause_reason=""):
        return False
    log.record(actor=actor, verb="queue.resume", kind="enginestate", ref=scope, scope=scope)
    return True


class WrongClock(Exception):
    """The clock can't be trusted: nothing is planned, closed or sent, and DEADMAN_URL gets no ping."""


def _prepare(scope: str, now: datetime) -> bool:
    """Do everything but send; say whether mail may go out."""
    if _went_back(scope) or _clocks_differ():  # the highest tick stays stored until the clock has caught up with it
        raise WrongClock
    plan_marked(scope=scope, now=now)
    close_windows(scope=scope, now=now)
    ask_for_calls(scope=scope, now=now)
    queue.sweep(scope, now)
    catch_up(scope=scope, now=now)
    move_strays(scope=scope, now=now)
    tell_of_emergencies(scope=scope, now=now)
    state, _ = EngineState.objects.update_or_create(scope=scope, defaults={"last_tick_at": Now(), "latest_now": now})
    return not conf.get("DISPATCH_PAUSED") and state.paused_at is None


def _batch(scope: str, now: datetime) -> int | None:
    """Send one batch and return how many went out; None where nothing is due, or somebody has paused meanwhile."""
    state = queries.engine_state(scope)
    rows = [] if state and state.paused_at else queue.claim(scope, now, conf.get("SEND_BATCH"))
    return queue.deliver(rows, now) if rows else None


def _clocks_differ() -> bool:
    """True when this machine's clock and the database's differ by more than 30 s: then nothing may go out."""
    if conf.get("CLOCK"):
        return False
    skew = abs(datetime.now(UTC) - clock.database_now())
    if skew > MOST_SKEW:
        logger.error("this machine's clock and the database's differ by %s: nothing is sent", skew)
    return skew > MOST_SKEW


def _went_back(scope: str) -> bool:
    """True when the clock is more than 30 s behind the highest tick of `scope`: then nothing may go out.

    On SQLite this is the only guard, for the database's clock is this machine's own.
    """
    state = queries.engine_state(scope)
    if conf.get("CLOCK") or state is None:
        return False
    back = state.last_tick_at - clock.database_now()
    if back > MOST_SKEW:
        logger.error("the clock is %s behind the last tick of scope %s: nothing is sent", back, scope)
    return back > MOST_SKEW


@transaction.atomic
def close_windows(*, scope: str, now: datetime) -> int:
    """Close what nobody answered; who began before the close has 48 hours more. Returns how many were missed.

    Papers to read close without a word: nobody has missed anything.
    """
    over = Occurrence.objects.filter(scope=scope, state=Occurrence.State.OPEN, window_end__lte=now)
    over.filter(step=ahead.PAPERS_STEP).update(state=Occurrence.State.CANCELLED, state_reason="over")
    missed = 0
    for row in over.select_related("chart"):
        if _is_in_grace(row, now):
            continue
        if Occurrence.objects.filter(pk=row.pk, state=Occurrence.State.OPEN).update(state=Occurrence.State.MISSED):
            records.of_occurrence(system("followups"), "enrolment.missed", row, fields=("state",))
            missed += 1
    return missed


def _is_in_grace(row: Occurrence, now: datetime) -> bool:
    return row.begun_at is not None and row.begun_at < row.window_end and now < row.window_end + schedule.GRACE


@transaction.atomic
def ask_for_calls(*, scope: str, now: datetime) -> int:
    """Open a call task for everyone who has not answered by the protocol's call day; each occurrence once.

    After an outage the first mail itself is late: whoever was asked less than a day ago, or is about to be, is not
    called yet.
    """
    just_asked = Delivery.objects.filter(
        Q(state__in=(*queries.UNSENT, Delivery.State.SENDING)) | Q(sent_at__gt=now - MAIL_AGE),
        kind=Delivery.Kind.INVITE,
    )
    silent = (
        Occurrence.objects.filter(scope=scope, state=Occurrence.State.OPEN, call_at__lte=now, window_end__gt=now)
        .exclude(pk__in=just_asked.values("occurrence"))
        .select_related("chart__patient", "enrolment__case")
    )
    actor = system("followups")
    for row in silent:
        case_actions.open_task(
            chart=row.chart,
            case=row.enrolment.case,
            kind="call",
            rule="no_answer",
            params={"step": row.step},
            actor=actor,
            now=now,
            due_at=now,
            cause_key=f"no_answer:{row.pk}",
        )
    called = Occurrence.objects.filter(pk__in=[row.pk for row in silent])
    return called.update(call_at=None)

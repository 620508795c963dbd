"""The queue of mails: claim, decide, send, finish, sweep. The table is the truth; a worker only borrows rows.

A claim is a compare-and-set with a lease and a fencing token, committed before any mail server is spoken to. What may
still go is decided from the live state, after the claim. Before the final dot the row is marked; a worker that is dead,
frozen or late therefore leaves a row whose fate is either known or honestly `uncertain`.
"""

from __future__ import annotations

import logging
import random
import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from rls_module import conf, signals
from rls_module.audit import log
from rls_module.cases import actions as case_actions
from rls_module.followups import emails, queries
from rls_module.followups.models import Delivery, EngineState, Occurrence
from rls_module.host import adapter
from rls_module.host.actor import system
from rls_module.host.clock import lease_end
from rls_module.knowledge.walltime import instant

logger = logging.getLogger(__name__)

ACTOR = system("followups")
MOST_ATTEMPTS = 8
State = Delivery.State


# Claiming


def claim(scope: str, now: datetime, limit: int) -> list[Delivery]:
    """Take at most `limit` due rows of `scope` and return those that are ours, in the order they go out.

    On return the claim is committed. A row whose chart already had its mail of the local day moves to the next day's
    send hour instead.
    """
    with transaction.atomic():
        seen = _pick(scope, now, limit)
        taken = [row for row in seen if _own(row, now)]
    return taken


def _pick(scope: str, now: datetime, limit: int) -> list[Delivery]:
    rows = queries.due(scope, now).order_by("next_attempt_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows.select_related("occurrence__enrolment", "chart__patient")[:limit])


def _own(row: Delivery, now: datetime) -> bool:
    zone = adapter().timezone(row.chart.patient)
    today = now.astimezone(zone).date()
    token = uuid4()
    try:
        with transaction.atomic():
            count = _as_seen(row).update(
                state=State.SENDING,
                state_reason="",
                lease_token=token,
                lease_until=lease_end(conf.get("LEASE_S")),
                claimed_at=Now(),
                tries=F("tries") + 1,
                attempts=F("attempts") + 1,
                phase=Delivery.Phase.NONE,
                day_slot=f"{row.chart_id}:{today.isoformat()}",
            )
    except IntegrityError:  # the chart's mail of this day has gone: the next one waits for tomorrow's send hour
        _as_seen(row).update(next_attempt_at=instant(today + timedelta(days=1), row.occurrence.send_time, zone))
        return False
    row.lease_token, row.tries, row.attempts = token, row.tries + 1, row.attempts + 1
    return count == 1


def _as_seen(row: Delivery) -> Any:
    return Delivery.objects.filter(pk=row.pk, state=row.state, lease_token=row.lease_token)


# Deciding, inside the claim


@dataclass(frozen=True, slots=True)
class Send:
    """It goes: to this address, in this language."""

    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Drop:
    """It does not go, and why."""

    state: str
    reason: str


def decide(row: Delivery, now: datetime) -> Send | Drop:
    """Say from the live state whether a claimed row may go: every question is asked again here."""
    occurrence = row.occurrence
    chart = row.chart
    if occurrence.state != Occurrence.State.OPEN:
        return Drop(State.CANCELLED, occurrence.state)
    if now >= occurrence.window_end:
        return Drop(State.CANCELLED, "window_closed")
    if not adapter().is_active(chart.patient):
        return Drop(State.SUPPRESSED, "inactive")
    if queries.has_mail_off(chart):
        return Drop(State.SUPPRESSED, "opted_out")
    if not queries.may_mail(chart):
        return Drop(State.SUPPRESSED, "no_consent")
    address = adapter().email(chart.patient)
    if not address:
        return Drop(State.SUPPRESSED, "no_address")
    if not emails.is_sendable(address):
        return Drop(State.SUPPRESSED, "bad_address")
    return Send(address, queries.language_for(occurrence))


# Sending


class LeaseLost(Exception):
    """Another worker has the row: stop before the dot."""


class Paused(Exception):
    """The mail server refuses us as a whole: every row waits, none is burned."""


def deliver(rows: list[Delivery], now: datetime) -> int:
    """Send the claimed `rows` one by one over one connection; return how many the server accepted.

    No database transaction is open while the server is spoken to.
    """
    accepted = 0
    backend = mail.get_connection()
    try:
        for position, row in enumerate(rows):
            try:
                accepted += _deliver_one(backend, row, now)
            except Paused as reason:
                _pause(row.scope, str(reason))
                _give_back(rows[position:], now)
                break
    finally:
        _hang_up(backend)
    return accepted


def _deliver_one(backend: Any, row: Delivery, now: datetime) -> int:
    row = Delivery.objects.select_related("occurrence__enrolment__case", "chart__patient").get(pk=row.pk)
    if row.state != State.SENDING:
        return 0
    token = row.lease_token
    assert token is not None  # noqa: S101  the table's own constraint
    verdict = decide(row, now)
    if isinstance(verdict, Drop):
        finish(row, token, verdict.state, state_reason=verdict.reason, day_slot=None)
        return 0
    try:
        message = emails.compose(row, address=verdict.address, language=verdict.language)
    except Exception:
        logger.exception("delivery %s could not be composed", row.pk)
        _retry(row, token, now, reason="not_composed", burned=True)
        return 0
    return _transmit(backend, row, token, message, verdict, now)


def _transmit(backend: Any, row: Delivery, token: UUID, message: Any, verdict: Send, now: datetime) -> int:
    try:
        with _marked(backend, partial(_mark, row, token)):
            backend.send_messages([message])
    except LeaseLost:
        logger.warning("delivery %s was taken over before it went out", row.pk)
        _cut(backend)
        return 0
    except Exception as error:  # noqa: BLE001  every failure of a mail server has its own class below
        _failed(row, token, now, error)
        _cut(backend)
        return 0
    finish(
        row,
        token,
        State.SENT,
        sent_at=now,
        smtp_code=250,
        address_hash=emails.address_hash(verdict.address),
        language=verdict.language,
    )
    return 1


def _mark(row: Delivery, token: UUID) -> None:
    """Record, before the final dot, that the mail is about to be out; refuse when the lease is no longer ours."""
    mine = Delivery.objects.filter(pk=row.pk, lease_token=token, lease_until__gt=Now())
    if not mine.update(phase=Delivery.Phase.DATA):
        raise LeaseLost
    row.phase = Delivery.Phase.DATA


@contextmanager
def _marked(backend: Any, mark: Callable[[], None]) -> Iterator[None]:
    """Have `mark` called between the body and the final dot; where the backend has no such moment, before it all."""
    opened = backend.open() if hasattr(backend, "open") else False
    smtp = getattr(backend, "connection", None)
    if not isinstance(smtp, smtplib.SMTP):
        mark()
        yield
        return
    if opened is None:
        raise smtplib.SMTPConnectError(421, "no connection")
    smtp.data = partial(_data_with_mark, smtp, mark)  # type: ignore[method-assign]
    yield


def _data_with_mark(smtp: smtplib.SMTP, mark: Callable[[], None], message: bytes | str) -> tuple[int, bytes]:
    """What smtplib's own data() does, with `mark` before the dot: stock smtplib sends body and dot in one go."""
    smtp.putcmd("data")
    code, reply = smtp.getreply()
    if code != 354:  # noqa: PLR2004  "start mail input", RFC 5321 4.3.2
        raise smtplib.SMTPDataError(code, reply)
    body = message.encode("ascii") if isinstance(message, str) else message
    body = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\n|\r(?!\n)", b"\r\n", body))
    smtp.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    mark()
    smtp.send(b".\r\n")
    return smtp.getreply()


# What a failure means: the table of SMTP outcomes


def _failed(row: Delivery, token: UUID, now: datetime, error: Exception) -> None:
    code = _code(error)
    match error:
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPNotSupportedError():
            raise Paused("the mail server refuses our login")
        case smtplib.SMTPSenderRefused() if code >= 500:  # noqa: PLR2004
            raise Paused("the mail server refuses our sender address")
        case smtplib.SMTPRecipientsRefused() if code >= 500 and code != 552:  # noqa: PLR2004  552 is a full mailbox
            _bounced(row, token, now, code)
        case smtplib.SMTPDataError() if code >= 500:  # noqa: PLR2004
            _dead(row, token, now, "refused_content", smtp_code=code)
        case smtplib.SMTPRecipientsRefused() | smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            _retry(row, token, now, reason="deferred", smtp_code=code)
        case smtplib.SMTPConnectError() | ConnectionRefusedError():
            _retry(row, token, now, reason="no_connection")
        case _ if row.phase == Delivery.Phase.DATA:
            _uncertain(row, token, now)
        case _:
            logger.warning("delivery %s: no answer from the mail server (%s)", row.pk, type(error).__name__)
            _retry(row, token, now, reason="no_answer", burned=True)


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _retry(
    row: Delivery, token: UUID, now: datetime, *, reason: str, burned: bool = False, smtp_code: int | None = None
) -> None:
    """Try again later, until the window closes; `burned` keeps the attempt that the claim counted."""
    steps = conf.get("RETRY_STEPS")
    wait = steps[min(row.tries, len(steps)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311  jitter, no secret
    at = now + timedelta(seconds=wait)
    if at >= row.occurrence.window_end:
        _dead(row, token, now, "window_closed", smtp_code=smtp_code)
        return
    attempts = row.attempts if burned else max(0, row.attempts - 1)
    finish(row, token, State.RETRY, state_reason=reason, next_attempt_at=at, attempts=attempts, smtp_code=smtp_code)


def _uncertain(row: Delivery, token: UUID, now: datetime) -> None:
    wait = timedelta(seconds=conf.get("UNCERTAIN_WAIT_S"))
    finish(
        row,
        token,
        State.UNCERTAIN,
        state_reason="no_reply_after_dot",
        next_attempt_at=now + wait,
        uncertain_count=row.uncertain_count + 1,
    )


def _bounced(row: Delivery, token: UUID, now: datetime, code: int) -> None:
    if finish(row, token, State.BOUNCED, state_reason="refused_address", smtp_code=code, day_slot=None):
        _ask_staff(row, now, "undeliverable")


def _dead(row: Delivery, token: UUID, now: datetime, reason: str, smtp_code: int | None = None) -> None:
    if finish(row, token, State.DEAD, state_reason=reason, smtp_code=smtp_code, day_slot=None):
        _ask_staff(row, now, "undeliverable")


def _ask_staff(row: Delivery, now: datetime, rule: str) -> None:
    """Have somebody phone: what can't be mailed must not be silence."""
    case_actions.open_task(
        chart=row.chart,
        case=row.occurrence.enrolment.case,
        kind="call",
        rule=rule,
        params={"step": row.occurrence.step, "delivery": str(row.uuid)},
        actor=ACTOR,
        now=now,
        due_at=now,
        cause_key=f"{rule}:{row.occurrence_id}",
    )
    transaction.on_commit(partial(signals.followup_undeliverable.send, Delivery, delivery_id=row.pk))


def finish(row: Delivery, token: UUID, state: str, **changes: Any) -> bool:
    """End our claim on `row` with what became of it; False, and nothing written, when the row was taken over."""
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=row.pk, lease_token=token, state=State.SENDING)
        if not mine.update(state=state, lease_token=None, lease_until=None, **changes):
            logger.warning("delivery %s was taken over: its outcome %s is not written", row.pk, state)
            return False
        log.record(
            actor=ACTOR,
            verb=f"delivery.{state}",
            kind="delivery",
            ref=row.uuid,
            patient=row.chart.patient_id,
            scope=row.scope,
            fields=("state", *changes),
        )
        if state == State.SENT:
            transaction.on_commit(partial(signals.followup_sent.send, Delivery, delivery_id=row.pk))
    return True


def _give_back(rows: list[Delivery], now: datetime) -> None:
    at = now + timedelta(seconds=conf.get("RETRY_STEPS")[0])
    for row in rows:
        if row.lease_token is not None:
            finish(
                row,
                row.lease_token,
                State.RETRY,
                state_reason="paused",
                next_attempt_at=at,
                attempts=max(0, row.attempts - 1),
            )


def _pause(scope: str, reason: str) -> None:
    logger.error("sending for scope %s is paused: %s", scope, reason)
    EngineState.objects.update_or_create(scope=scope, defaults={"paused_at": Now(), "pause_reason": reason})


def _cut(backend: Any) -> None:
    """Drop the line without QUIT: a server still waiting for the dot must not take one more byte for mail."""
    smtp = getattr(backend, "connection", None)
    if isinstance(smtp, smtplib.SMTP):
        smtp.close()
        backend.connection = None


def _hang_up(backend: Any) -> None:
    try:
        backend.close()
    except (OSError, smtplib.SMTPException):
        logger.info("the mail server did not say goodbye; everything accepted was already marked")


# Recovery


def sweep(scope: str, now: datetime) -> None:
    """Bring back the rows of dead workers, and those of unknown fate whose wait is over."""
    for row in Delivery.objects.filter(scope=scope, state=State.SENDING, lease_until__lt=Now()):
        _recover(row, now)
    again = Delivery.objects.filter(
        scope=scope, state=State.UNCERTAIN, uncertain_count=1, next_attempt_at__lte=now, lease_token=None
    )
    if conf.get("UNCERTAIN_POLICY") == "resend_once":
        again.update(state=State.RETRY)
    for row in _for_staff(scope):
        _tell_staff(row, now)
    for row in Delivery.objects.filter(scope=scope, state=State.RETRY, attempts__gte=MOST_ATTEMPTS):
        _give_up(row, now)


def _recover(row: Delivery, now: datetime) -> None:
    in_doubt = row.phase == Delivery.Phase.DATA
    wait = conf.get("UNCERTAIN_WAIT_S") if in_doubt else 0
    _as_seen(row).filter(lease_until__lt=Now()).update(
        state=State.UNCERTAIN if in_doubt else State.RETRY,
        state_reason="worker_died",
        lease_token=None,
        lease_until=None,
        next_attempt_at=now + timedelta(seconds=wait),
        uncertain_count=F("uncertain_count") + (1 if in_doubt else 0),
    )


def _for_staff(scope: str) -> list[Delivery]:
    """Rows whose fate stays unknown: a second time, or at all where the clinic never wants a second copy."""
    most = 1 if conf.get("UNCERTAIN_POLICY") == "at_most_once" else 2
    rows = Delivery.objects.filter(scope=scope, state=State.UNCERTAIN, uncertain_count__gte=most)
    return list(rows.filter(state_reason__in=_UNTOLD).select_related("occurrence__enrolment__case", "chart__patient"))


_UNTOLD = ("worker_died", "no_reply_after_dot")


def _tell_staff(row: Delivery, now: datetime) -> None:
    with transaction.atomic():
        if _as_seen(row).filter(state_reason__in=_UNTOLD).update(state_reason="staff_told"):
            _ask_staff(row, now, "mail_uncertain")


def _give_up(row: Delivery, now: datetime) -> None:
    row = Delivery.objects.select_related("occurrence__enrolment__case", "chart__patient").get(pk=row.pk)
    with transaction.atomic():
        if _as_seen(row).update(state=State.DEAD, state_reason="too_many_attempts", day_slot=None):
            _ask_staff(row, now, "undeliverable")

"""Sending what was claimed, one mail after the other over one connection, with a mark before each final dot."""

from __future__ import annotations

import logging
import re
import select
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from rls_module import conf
from rls_module.followups import emails
from rls_module.followups.models import Delivery, EngineState
from rls_module.followups.queue.deciding import Drop, Send, decide
from rls_module.followups.queue.finishing import Paused, failed, finish, retry
from rls_module.host.clock import lease_end

logger = logging.getLogger(__name__)

State = Delivery.State


class LeaseLost(Exception):
    """Another worker has the row: stop before the dot."""


class Unreachable(Exception):
    """The mail server was not to be had: the rows behind this one need not wait for it one by one."""


def deliver(rows: list[Delivery], now: datetime) -> int:
    """Send the claimed `rows` one by one over one connection; return how many the server accepted.

    No database transaction is open while the server is spoken to. However slow it is, the rows that still wait for
    their turn stay ours.
    """
    accepted, renewed = 0, monotonic()
    backend = emails.mailer()
    try:
        for position, row in enumerate(rows):
            if monotonic() - renewed > conf.get("LEASE_S") / 3:
                _renew(rows[position:])
                renewed = monotonic()
            try:
                accepted += _deliver_one(backend, row, now)
            except Paused as reason:
                _pause(row.scope, str(reason))
                _give_back(rows[position:], now, reason="paused")
                break
            except Unreachable:
                _give_back(rows[position + 1 :], now, reason="no_connection")
                break
    finally:
        _hang_up(backend)
    return accepted


def _renew(rows: list[Delivery]) -> None:
    """Hold on to the rows of a batch that are still ours; a lease that ran out stays out."""
    tokens = [row.lease_token for row in rows]
    mine = Delivery.objects.filter(lease_token__in=tokens, state=State.SENDING, lease_until__gt=Now())
    mine.filter(pk__in=[row.pk for row in rows]).update(lease_until=lease_end(conf.get("LEASE_S")))


def _deliver_one(backend: Any, claimed: Delivery, now: datetime) -> int:
    token = _token(claimed)
    mine = Delivery.objects.filter(pk=claimed.pk, lease_token=token, state=State.SENDING)
    row = mine.select_related("occurrence__enrolment__case", "chart__patient").first()
    if row is None:  # taken over while we were busy with the rows before it
        return 0
    try:
        verdict = decide(row, now)
    except Exception as error:  # noqa: BLE001  its text may hold a patient: only its type is told
        logger.error("the host could not answer for delivery %s (%s)", row.pk, type(error).__name__)
        retry(row, token, now, reason="host_error", burned=True)
        return 0
    if isinstance(verdict, Drop):
        finish(row, token, verdict.state, state_reason=verdict.reason, day_slot=None)
        return 0
    try:
        message = emails.compose(row, address=verdict.address, language=verdict.language)
    except Exception as error:  # noqa: BLE001  its text may hold a patient: only its type is told
        logger.error("delivery %s could not be composed (%s)", row.pk, type(error).__name__)
        retry(row, token, now, reason="not_composed", burned=True)
        return 0
    return _transmit(backend, row, message, verdict, now)


def _token(row: Delivery) -> UUID:
    """Return the fencing token of a claimed row; the table itself holds that there is one."""
    if row.lease_token is None:
        raise LeaseLost
    return row.lease_token


def _transmit(backend: Any, row: Delivery, message: Any, verdict: Send, now: datetime) -> int:
    token = _token(row)
    try:
        with _marked(backend, partial(_mark, row, token)):
            backend.send_messages([message])
    except LeaseLost:
        logger.warning("delivery %s was taken over before it went out", row.pk)
        _cut(backend)
        return 0
    except Exception as error:  # noqa: BLE001  every failure of a mail server has its own class below
        failed(row, token, now, error)
        _cut(backend)
        if isinstance(error, smtplib.SMTPConnectError | ConnectionRefusedError):
            raise Unreachable from None
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
    _connect(backend)
    smtp = getattr(backend, "connection", None)
    if not isinstance(smtp, smtplib.SMTP):
        mark()
        yield
        return
    smtp.data = partial(_data_with_mark, smtp, mark)  # type: ignore[method-assign]
    yield


def _connect(backend: Any) -> None:
    """Open the line; whatever fails before a mail is offered is a failure of the connection, not of the mail."""
    try:
        backend.open()
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError):
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise smtplib.SMTPConnectError(421, "no connection") from error


def _data_with_mark(smtp: smtplib.SMTP, mark: Callable[[], None], message: bytes | str) -> tuple[int, bytes]:
    """What smtplib's own data() does, with `mark` before the dot: stock smtplib sends body and dot in one go."""
    smtp.putcmd("data")
    code, reply = smtp.getreply()
    if code != 354:  # noqa: PLR2004  "start mail input", RFC 5321 4.3.2
        raise smtplib.SMTPDataError(code, reply)
    body = message.encode("ascii") if isinstance(message, str) else message
    body = re.sub(rb"(?m)^\.", b"..", re.sub(rb"\r\n|\n|\r(?!\n)", b"\r\n", body))
    smtp.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    if smtp.sock is not None and select.select([smtp.sock], [], [], 0)[0]:
        raise smtplib.SMTPServerDisconnected("the server hung up, or spoke, before the final dot")
    mark()
    smtp.send(b".\r\n")
    return smtp.getreply()


def _give_back(rows: list[Delivery], now: datetime, *, reason: str) -> None:
    """Let go of rows that were never offered: nothing is burned, and the next turn has them again."""
    at = now + timedelta(seconds=conf.get("RETRY_STEPS")[0])
    for row in rows:
        if row.lease_token is not None:
            finish(
                row,
                row.lease_token,
                State.RETRY,
                state_reason=reason,
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

"""What became of a claim: the table of SMTP outcomes, each written under the fencing token."""

from __future__ import annotations

import logging
import random
import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from rls_module import conf, signals
from rls_module.audit import log
from rls_module.cases import actions as case_actions
from rls_module.followups.models import Delivery
from rls_module.host import transaction
from rls_module.host.actor import system

logger = logging.getLogger(__name__)

ACTOR = system("followups")
MOST_ATTEMPTS = 8
FULL = 552  # a full mailbox
State = Delivery.State


class Paused(Exception):
    """The mail server refuses us as a whole: every row waits, none is burned."""


def failed(row: Delivery, token: UUID, now: datetime, error: Exception) -> None:
    """Write what a failure means for the row; raises Paused where it means something for every row."""
    code = _code(error)
    match error:
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPNotSupportedError():
            raise Paused("the mail server refuses our login")
        case smtplib.SMTPSenderRefused() if code >= 500:  # noqa: PLR2004
            raise Paused("the mail server refuses our sender address")
        case smtplib.SMTPRecipientsRefused() if code >= 500 and code != FULL:  # noqa: PLR2004
            _bounced(row, token, now, code)
        case smtplib.SMTPDataError() if code >= 500:  # noqa: PLR2004
            _dead(row, token, now, "refused_content", smtp_code=code)
        case smtplib.SMTPRecipientsRefused() | smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            retry(row, token, now, reason="deferred", smtp_code=code)
        case smtplib.SMTPConnectError() | ConnectionRefusedError():
            retry(row, token, now, reason="no_connection")
        case _ if row.phase == Delivery.Phase.DATA:
            _uncertain(row, token, now)
        case _:
            logger.warning("delivery %s: no answer from the mail server (%s)", row.pk, type(error).__name__)
            retry(row, token, now, reason="no_answer", burned=True)


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def retry(
    row: Delivery, token: UUID, now: datetime, *, reason: str, burned: bool = False, smtp_code: int | None = None
) -> None:
    """Try again later, until the window closes; `burned` keeps the attempt that the claim counted."""
    steps = conf.get("RETRY_STEPS")
    wait = steps[min(row.tries, len(steps)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311  jitter, no secret
    at = now + timedelta(seconds=wait)
    if at >= row.occurrence.window_end:
        if smtp_code == FULL:  # soft for as long as the window is open, then as good as no address
            _bounced(row, token, now, smtp_code)
        else:
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
        ask_staff(row, now, "undeliverable")


def _dead(row: Delivery, token: UUID, now: datetime, reason: str, smtp_code: int | None = None) -> None:
    if finish(row, token, State.DEAD, state_reason=reason, smtp_code=smtp_code, day_slot=None):
        ask_staff(row, now, "undeliverable")


def ask_staff(row: Delivery, now: datetime, rule: str) -> None:
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
    """End our claim on `row` with what became of it; False when the row was taken over, or erased meanwhile.

    Then nothing is written, but for the event of a mail that was in the air while its patient was released.
    """
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=row.pk, lease_token=token, state=State.SENDING)
        if not mine.update(state=state, lease_token=None, lease_until=None, **changes):
            if state == State.SENT and not Delivery.objects.filter(pk=row.pk).exists():
                record(row, state, changes)
            logger.warning("delivery %s was taken over: its outcome %s is not written", row.pk, state)
            return False
        record(row, state, changes)
        if state == State.SENT:
            transaction.on_commit(partial(signals.followup_sent.send, Delivery, delivery_id=row.pk))
    return True


def record(row: Delivery, state: str, changed: Iterable[str]) -> None:
    """Append the event of a row's new state, in the transaction that writes it."""
    log.record(
        actor=ACTOR,
        verb=f"delivery.{state}",
        kind="delivery",
        ref=row.uuid,
        patient=row.chart.patient_id,
        scope=row.scope,
        fields=("state", *changed),
    )

"""Bringing rows back: those of dead workers, those of unknown fate, those that can't be sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from rls_module import conf
from rls_module.followups.models import Delivery
from rls_module.followups.queue.claiming import as_seen
from rls_module.followups.queue.finishing import MOST_ATTEMPTS, ask_staff, record
from rls_module.host import transaction

State = Delivery.State


def sweep(scope: str, now: datetime) -> None:
    """Bring back the rows of dead workers, and those of unknown fate whose wait is over."""
    for row in _with_chart(Delivery.objects.filter(scope=scope, state=State.SENDING, lease_until__lt=Now())):
        _recover(row, now)
    if conf.get("UNCERTAIN_POLICY") == "resend_once":
        once = Delivery.objects.filter(scope=scope, state=State.UNCERTAIN, uncertain_count=1, lease_token=None)
        once.filter(next_attempt_at__lte=now).update(state=State.RETRY)
    for row in _for_staff(scope):
        _tell_staff(row, now)
    for row in _with_chart(Delivery.objects.filter(scope=scope, state=State.RETRY, attempts__gte=MOST_ATTEMPTS)):
        _give_up(row, now)


def _with_chart(rows: QuerySet[Delivery]) -> list[Delivery]:
    return list(rows.select_related("occurrence__enrolment__case", "chart__patient"))


def _recover(row: Delivery, now: datetime) -> None:
    """Give a dead worker's row back: marked, its fate is unknown; unmarked, it is simply tried again.

    Unmarked first: where the mark is just being written, that update waits for it and then leaves the row to the next.
    """
    free: dict[str, Any] = {"state_reason": "worker_died", "lease_token": None, "lease_until": None}
    expired = as_seen(row).filter(lease_until__lt=Now())
    with transaction.atomic():
        if expired.filter(phase=Delivery.Phase.NONE).update(state=State.RETRY, next_attempt_at=now, **free):
            record(row, State.RETRY, free)
    with transaction.atomic():
        doubt = {"next_attempt_at": now + timedelta(seconds=conf.get("UNCERTAIN_WAIT_S")), **free}
        in_doubt = expired.filter(phase=Delivery.Phase.DATA)
        if in_doubt.update(state=State.UNCERTAIN, uncertain_count=F("uncertain_count") + 1, **doubt):
            record(row, State.UNCERTAIN, doubt)


def _for_staff(scope: str) -> list[Delivery]:
    """Rows whose fate stays unknown: a second time, or at all where the clinic never wants a second copy."""
    most = 1 if conf.get("UNCERTAIN_POLICY") == "at_most_once" else 2
    rows = Delivery.objects.filter(scope=scope, state=State.UNCERTAIN, uncertain_count__gte=most)
    return _with_chart(rows.filter(state_reason__in=_UNTOLD))


_UNTOLD = ("worker_died", "no_reply_after_dot")


def _tell_staff(row: Delivery, now: datetime) -> None:
    with transaction.atomic():
        if as_seen(row).filter(state_reason__in=_UNTOLD).update(state_reason="staff_told"):
            ask_staff(row, now, "mail_uncertain")


def _give_up(row: Delivery, now: datetime) -> None:
    with transaction.atomic():
        if as_seen(row).update(state=State.DEAD, state_reason="too_many_attempts", day_slot=None):
            record(row, State.DEAD, ("state_reason", "day_slot"))
            ask_staff(row, now, "undeliverable")

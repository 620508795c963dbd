"""Bringing rows back: those of dead workers, those of unknown fate, those that can't be sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from rls_module import conf
from rls_module.followups.models import Delivery
from rls_module.followups.queue.claiming import as_seen
from rls_module.followups.queue.finishing import MOST_ATTEMPTS, ask_staff

State = Delivery.State


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
    as_seen(row).filter(lease_until__lt=Now()).update(
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
        if as_seen(row).filter(state_reason__in=_UNTOLD).update(state_reason="staff_told"):
            ask_staff(row, now, "mail_uncertain")


def _give_up(row: Delivery, now: datetime) -> None:
    row = Delivery.objects.select_related("occurrence__enrolment__case", "chart__patient").get(pk=row.pk)
    with transaction.atomic():
        if as_seen(row).update(state=State.DEAD, state_reason="too_many_attempts", day_slot=None):
            ask_staff(row, now, "undeliverable")

"""Taking rows: a compare-and-set with a lease and a fencing token, committed before any mail server is spoken to."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from rls_module import conf
from rls_module.followups import queries
from rls_module.followups.models import Delivery
from rls_module.host import adapter, database, transaction
from rls_module.host.clock import lease_end
from rls_module.knowledge.walltime import instant

logger = logging.getLogger(__name__)

MOST_LOOKS = 20  # a batch of which none could be taken is no reason to stop while others are due


def claim(scope: str, now: datetime, limit: int) -> list[Delivery]:
    """Take at most `limit` due rows of `scope` and return those that are ours, in the order they go out.

    On return the claim is committed. A row whose chart already had its mail of the local day moves to the next day's
    send hour instead.
    """
    for _attempt in range(MOST_LOOKS):
        with transaction.atomic():
            seen = _pick(scope, now, limit)
            # Day slots are taken patient by patient in one order: two workers never wait for each other in a ring.
            owned = {row.pk for row in sorted(seen, key=lambda row: row.chart_id) if _own(row, now)}
            taken = [row for row in seen if row.pk in owned]
        if taken or not seen:
            return taken
    return []


def _pick(scope: str, now: datetime, limit: int) -> list[Delivery]:
    rows = queries.due(scope, now).order_by("next_attempt_at", "pk")
    if database.connection().features.has_select_for_update_skip_locked:
        rows = database.locked(rows, skip_locked=True)
    return list(rows.select_related("occurrence__enrolment", "chart__patient")[:limit])


def _own(row: Delivery, now: datetime) -> bool:
    scope, zone = _whereabouts(row)
    if scope != row.chart.scope:
        return False  # the patient has moved: chart and unsent rows follow before anything more goes out
    today = now.astimezone(zone).date()
    token = uuid4()
    try:
        with transaction.atomic():
            count = as_seen(row).update(
                state=Delivery.State.SENDING,
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
        as_seen(row).update(next_attempt_at=instant(today + timedelta(days=1), row.occurrence.send_time, zone))
        return False
    row.lease_token, row.tries, row.attempts = token, row.tries + 1, row.attempts + 1
    return count == 1


def _whereabouts(row: Delivery) -> tuple[str, ZoneInfo]:
    """Ask the host for the patient's scope and zone; one it can't answer for stays where the plan has put it."""
    try:
        return adapter().scope_of(row.chart.patient), adapter().timezone(row.chart.patient)
    except Exception as error:  # noqa: BLE001  its text may hold a patient: only its type is told
        logger.error("the host could not say where the patient of delivery %s is (%s)", row.pk, type(error).__name__)
        return row.scope, ZoneInfo(row.occurrence.zone)


def as_seen(row: Delivery) -> QuerySet[Delivery]:
    """Return the row only if it still is as `row` was read: the compare of every compare-and-set here."""
    return Delivery.objects.filter(pk=row.pk, state=row.state, lease_token=row.lease_token)

"""Takes away events that are past their time, by the one door that deletes. The seals stay: the chain still holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connections, router, transaction

from rls_module.audit import erasure, log
from rls_module.audit.models import AuditEvent, Seal
from rls_module.audit.verifying import PURGED

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rls_module.host.actor import Actor


def past_their_time(scope: str, *, before: datetime, held: Collection[str]) -> tuple[int, QuerySet[AuditEvent]]:
    """Return the last seal whose events are all older than `before`, and those of them that are under no hold.

    `held` are host keys of patients, as text; the number is 0 where nothing is old enough.
    """
    number = 0
    keys: list[int] = []
    for row in Seal.objects.filter(scope=scope).order_by("number").iterator(chunk_size=20):
        own = [key for key, _digest in row.events]
        if AuditEvent.objects.filter(pk__in=own, at__gte=before).exists():
            break
        number, keys = row.number, [*keys, *own]
    return number, AuditEvent.objects.filter(pk__in=keys).exclude(patient__in=held)


@transaction.atomic
def purge(scope: str, *, before: datetime, held: Collection[str], actor: Actor) -> int:
    """Delete what `past_their_time` finds and put on record up to which seal; return how many events went."""
    number, events = past_their_time(scope, before=before, held=held)
    if not events.exists():
        return 0
    connection = connections[router.db_for_write(AuditEvent)]
    erasure.open_door(connection)
    count, _by_table = events.delete()
    erasure.close_door(connection)
    log.record(
        actor=actor,
        verb=PURGED,
        kind="seal",
        ref=number,
        scope=scope,
        purpose=f"{count} events of before {before.date()}",
    )
    return count

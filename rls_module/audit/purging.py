"""Takes away events that are past their time, by the one door that deletes. The seals stay: the chain still holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from rls_module.audit import erasure, log, sealing
from rls_module.audit.models import AuditEvent, Seal
from rls_module.host import database, transaction

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rls_module.host.actor import Actor

PURGED = "audit.purge"


def past_their_time(scope: str, *, before: datetime, held: Collection[str]) -> int:
    """Return how many events a purge would take: sealed, in a seal wholly older than `before`, under no hold.

    `held` are host keys of patients, as text.
    """
    return sum(_free(row, held).count() for row in _old(scope, before))


@transaction.atomic
def purge(scope: str, *, before: datetime, held: Collection[str], actor: Actor) -> int:
    """Delete what `past_their_time` counts; return how many events went.

    The purge's own event is sealed at once, in a seal that names the seals it emptied. What a hold keeps of those is
    sealed again with it: it is missed if it ever goes. Raises IntegrityError, with nothing done, where the engine
    sealed in the same moment.
    """
    connection = database.connection()
    count, emptied, kept = 0, list[int](), list[int]()
    erasure.open_door(connection)
    for row in _old(scope, before):
        taken, _by_table = _free(row, held).delete()
        if taken:
            count += taken
            emptied.append(row.number)
            kept += _left(row)
    erasure.close_door(connection)
    if count:
        _put_on_record(scope, count, emptied, kept, before=before, actor=actor)
    return count


def _put_on_record(
    scope: str, count: int, emptied: list[int], kept: list[int], *, before: datetime, actor: Actor
) -> None:
    mark = log.record(
        actor=actor,
        verb=PURGED,
        kind="seal",
        ref=emptied[-1],
        scope=scope,
        purpose=f"{count} events of before {before.date()} erased, {len(kept)} of their seals kept under a hold",
    )
    mark.refresh_from_db()
    last = sealing.append(scope=scope, after=sealing.tail(scope), events=[mark], erased=_runs(emptied))
    for keys in _chunks(sorted(kept)):
        events = list(AuditEvent.objects.filter(pk__in=keys).order_by("pk"))
        last = sealing.append(scope=scope, after=last, events=events)


def _old(scope: str, before: datetime) -> Iterator[Seal]:
    """Yield the seals whose every event is older than `before` and still there.

    A seal that lacks one was emptied by a purge, or somebody tampered: that must not pass for the purge's work.
    """
    for row in Seal.objects.filter(scope=scope, latest_at__lt=before).order_by("number").iterator(chunk_size=20):
        if len(_left(row)) == len(row.events):
            yield row


def _free(row: Seal, held: Collection[str]) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(pk__in=[key for key, _digest in row.events]).exclude(patient__in=held)


def _left(row: Seal) -> list[int]:
    """Return the keys of what is still there of a seal's events."""
    there = AuditEvent.objects.filter(pk__in=[key for key, _digest in row.events])
    return list(there.values_list("pk", flat=True))


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return ascending numbers as runs of neighbours, first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        first = runs.pop()[0] if runs and runs[-1][1] + 1 == number else number
        runs.append((first, number))
    return runs


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), sealing.BATCH):
        yield keys[start : start + sealing.BATCH]

"""Seals events in batches, each chained to the one before: what was written cannot be changed or taken away unseen.

A seal is a row of its own, so that no event is ever touched. It lists the digest of each event of its batch, and its
hash covers them and the hash of the seal before. One chain a scope; events of no scope have one too.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError

from rls_module.audit.models import AuditEvent, Seal
from rls_module.host import clock, transaction

logger = logging.getLogger("rls_module.audit")

BATCH = 1000
MOST_BATCHES = 20  # of one chain in one turn: a backlog is worked off over several
LATE = timedelta(hours=1)  # an event whose transaction took longer than this is reported by verify
_DIGEST_LENGTH = 32  # hex digits: 128 bits name one row; the seal's own hash is whole


def seal_all() -> int:
    """Seal every chain of this database, also those of scopes that the host has no more; return how many events."""
    return sum(seal(scope) for scope in scopes())


def seal(scope: str) -> int:
    """Seal what has been written in `scope` and is not sealed yet; return how many events that were.

    Safe against another turn at the same moment: the slower one stops.
    """
    last = tail(scope)  # read first: whoever seals from here on takes the next number, and ours is refused
    sealed = 0
    for batch in _unsealed(scope, last):
        try:
            last = append(scope=scope, after=last, events=batch)
        except IntegrityError:
            break
        sealed += len(batch)
        if sealed >= BATCH * MOST_BATCHES:
            break
    return sealed


def scopes() -> Iterator[str]:
    """Yield every scope that has events, "" among them; one look into the index for each."""
    events = AuditEvent.objects.order_by("scope").values_list("scope", flat=True)
    scope = events.first()
    while scope is not None:
        yield scope
        scope = events.filter(scope__gt=scope).first()


def tail(scope: str) -> Seal | None:
    """Return the newest seal of a chain."""
    return Seal.objects.filter(scope=scope).order_by("-number").first()


@transaction.atomic
def append(
    *,
    scope: str,
    after: Seal | None,
    events: Sequence[AuditEvent],
    erased: Iterable[tuple[int, int]] = (),
) -> Seal:
    """Write the seal of `events` that follows `after`. Raises IntegrityError where that number is taken meanwhile.

    `erased` are the runs of seals whose events a purge takes away with it.
    """
    listed = [(event.pk, digest(event)) for event in events]
    row = Seal(
        scope=scope,
        number=after.number + 1 if after else 1,
        previous=after.hash if after else "",
        events=listed,
        erased=[list(run) for run in erased],
        last_event=max(event.pk for event in events),
        latest_at=max(event.at for event in events),
        sealed_at=clock.database_now(),
    )
    row.hash = chained(row)
    row.save(force_insert=True)
    if after is not None and after.sealed_at.date() < row.sealed_at.date():
        transaction.on_commit(lambda: logger.info("audit head %s", head(after)))
    return row


def digest(event: AuditEvent) -> str:
    """Return what stands for one event in its seal: the same on every database, and after a dump and restore."""
    said = {
        "id": event.pk,
        "at": _instant(event.at),
        "actor": event.actor,
        "verb": event.verb,
        "outcome": event.outcome,
        "object": [event.object_kind, event.object_id],
        "patient": event.patient,
        "scope": event.scope,
        "route": event.route,
        "request": event.request_id,
        "purpose": event.purpose,
        "fields": event.fields,
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def chained(row: Seal) -> str:
    """Return the hash of a seal over its place in the chain, its times, its events and what it says is erased."""
    times = [_instant(row.latest_at), _instant(row.sealed_at)]
    said = [row.previous, row.scope, row.number, *times, row.last_event, row.erased, row.events]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def head(row: Seal) -> str:
    """Return a seal's place and hash in one word, as the log tells it and `rls_audit verify --head` takes it."""
    return f"{row.scope}:{row.number}:{row.hash}"


def _unsealed(scope: str, last: Seal | None) -> Iterator[list[AuditEvent]]:
    """Yield events of no seal, batch by batch. A late transaction brings an id below the last: so look back a while."""
    after = _settled(scope, last)
    known = {key for events in _listed(scope, after) for key, _digest in events}
    events = AuditEvent.objects.filter(scope=scope).order_by("pk")
    while keys := list(events.filter(pk__gt=after).values_list("pk", flat=True)[:BATCH]):
        after = keys[-1]
        if new := [key for key in keys if key not in known]:
            yield list(events.filter(pk__in=new))


def _settled(scope: str, last: Seal | None) -> int:
    """Return the key up to which nothing can be on its way any more."""
    if last is None:
        return 0
    old = Seal.objects.filter(scope=scope, latest_at__lt=last.sealed_at - LATE).order_by("-last_event")
    return old.values_list("last_event", flat=True).first() or 0


def _listed(scope: str, after: int) -> Iterator[list[tuple[int, str]]]:
    rows = Seal.objects.filter(scope=scope, last_event__gt=after)
    return rows.values_list("events", flat=True).iterator(chunk_size=20)


def _instant(moment: datetime) -> str:
    """To the millisecond: neither SQLite's clock nor Django's own dumps keep more."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")

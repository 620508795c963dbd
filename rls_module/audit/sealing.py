"""Seals events in batches, each chained to the one before: what was written cannot be changed or taken away unseen.

A seal is a row of its own, so that no event is ever touched. It lists the digest of each event of its batch, and its
hash covers them and the hash of the seal before. One chain a scope; events of no scope have one too.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from datetime import UTC, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from rls_module.audit.models import AuditEvent, Seal

logger = logging.getLogger(__name__)

BATCH = 1000
MOST_BATCHES = 50  # of one turn: a backlog is worked off over several
LATE = timedelta(hours=1)  # an event whose transaction took longer than this is reported by verify
_DIGEST_LENGTH = 32  # hex digits: 128 bits name one row; the seal's own hash is whole


def seal(scope: str) -> int:
    """Seal what has been written in `scope` and is not sealed yet; return how many events that were.

    Safe against another turn at the same moment: one of the two seals each batch.
    """
    sealed = 0
    for _turn in range(MOST_BATCHES):
        count = _seal_batch(scope)
        sealed += count
        if count < BATCH:
            break
    return sealed


def digest(event: AuditEvent) -> str:
    """Return what stands for one event in its seal: the same on every database, and after a dump and restore."""
    row = {
        "id": event.pk,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
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
    text = json.dumps(row, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def chained(previous: str, scope: str, number: int, events: Iterable[tuple[int, str]]) -> str:
    """Return the hash of a seal over its place in the chain and the digests of its events."""
    text = json.dumps([previous, scope, number, [[key, value] for key, value in events]], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _seal_batch(scope: str) -> int:
    last = Seal.objects.filter(scope=scope).order_by("-number").first()
    found = [(event.pk, digest(event)) for event in _unsealed(scope, last)[:BATCH]]
    if not found:
        return 0
    number, previous = (last.number + 1, last.hash) if last else (1, "")
    row = Seal(scope=scope, number=number, events=found, previous=previous)
    row.hash = chained(previous, scope, number, found)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return 0  # another turn was faster with this number
    _tell_head(last)
    return len(found)


def _unsealed(scope: str, last: Seal | None) -> QuerySet[AuditEvent]:
    """Events of no seal. A transaction that commits late brings an id below the last: so look back for a while."""
    events = AuditEvent.objects.filter(scope=scope).order_by("pk")
    if last is None:
        return events
    since = last.sealed_at - LATE
    known = [
        key
        for keys in Seal.objects.filter(scope=scope, sealed_at__gte=since - LATE).values_list("events", flat=True)
        for key, _digest in keys
    ]
    newest = max((key for key, _digest in last.events), default=0)
    return (events.filter(at__gte=since) | events.filter(pk__gt=newest)).exclude(pk__in=known)


def _tell_head(last: Seal | None) -> None:
    """Once a day, say in the log where the chain stood: a tail that is cut off can be told from that."""
    if last is None:
        return
    newest = Seal.objects.filter(scope=last.scope).order_by("-number").first()
    if newest is not None and newest.sealed_at.date() != last.sealed_at.date():
        logger.info("audit head %s", head(last))


def head(row: Seal) -> str:
    """Return a seal's place and hash in one word, as the log tells it and `rls_audit verify --head` takes it."""
    return f"{row.scope}:{row.number}:{row.hash}"

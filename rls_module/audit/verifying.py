"""Holds the events against their seals and says what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rls_module.audit import sealing
from rls_module.audit.models import AuditEvent, Seal

UNSEALED = timedelta(minutes=12)  # two turns of a cron line of five minutes, and a little
LEAST_AGE = timedelta(days=365)  # no purge takes anything younger, so none excuses that it is missing


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is changed, missing, unsealed, broken or cut; `ref` names the event or the seal."""

    kind: str
    scope: str
    ref: str


def scopes() -> list[str]:
    """Return every scope that has events or seals, "" among them."""
    return sorted({*sealing.scopes(), *Seal.objects.values_list("scope", flat=True).distinct()})


def verify(scope: str, *, now: datetime, kept_head: tuple[int, str] | None = None) -> list[Fault]:
    """Return what is wrong with one scope's chain; `now` by the database's own clock.

    `kept_head` is the number and hash of a seal that somebody kept elsewhere: without it a tail that was cut off,
    events and seals together, cannot be told. Events that a purge took away are not missing.
    """
    faults: list[Fault] = []
    sealed: set[int] = set()
    expected, previous, erased = 1, "", erased_in(scope)
    found_head = kept_head is None
    for row in Seal.objects.filter(scope=scope).order_by("number").iterator(chunk_size=20):
        if (row.number, row.previous) != (expected, previous) or row.hash != sealing.chained(row):
            faults.append(Fault("broken", scope, f"seal {row.number}"))
        may_be_gone = row.number in erased and row.latest_at < now - LEAST_AGE
        faults += _events_of(row, may_be_gone=may_be_gone)
        sealed |= {key for key, _digest in row.events}
        found_head = found_head or (row.number, row.hash) == kept_head
        expected, previous = row.number + 1, row.hash
    if not found_head and kept_head is not None:
        faults.append(Fault("cut", scope, f"seal {kept_head[0]}"))
    return list(dict.fromkeys([*faults, *_without_seal(scope, sealed, now - UNSEALED)]))


def erased_in(scope: str) -> set[int]:
    """Return the numbers of the seals whose events purges took away, but those that a hold kept."""
    stored = Seal.objects.filter(scope=scope).exclude(erased=[]).values_list("erased", flat=True)
    return {number for runs in stored for first, last in runs for number in range(first, last + 1)}


def waiting(scope: str, *, now: datetime) -> bool:
    """True when the newest event of a scope has waited for its seal for longer than it should."""
    late = AuditEvent.objects.filter(scope=scope, at__lt=now - UNSEALED).order_by("-at", "-pk")
    newest, last = late.first(), sealing.tail(scope)
    return newest is not None and (last is None or newest.at > last.latest_at)


def _events_of(seal: Seal, *, may_be_gone: bool) -> list[Fault]:
    rows = AuditEvent.objects.in_bulk([key for key, _digest in seal.events])
    faults = []
    for key, value in seal.events:
        row = rows.get(key)
        if row is None and not may_be_gone:
            faults.append(Fault("missing", seal.scope, f"event {key}"))
        elif row is not None and sealing.digest(row) != value:
            faults.append(Fault("changed", seal.scope, f"event {key}"))
    return faults


def _without_seal(scope: str, sealed: set[int], before: datetime) -> Iterator[Fault]:
    old = AuditEvent.objects.filter(scope=scope, at__lt=before).order_by("pk").values_list("pk", flat=True)
    for key in old.iterator():
        if key not in sealed:
            yield Fault("unsealed", scope, f"event {key}")

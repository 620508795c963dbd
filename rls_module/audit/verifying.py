"""Holds the events against their seals and says what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rls_module.audit.models import AuditEvent, Seal
from rls_module.audit.sealing import chained, digest

UNSEALED = timedelta(minutes=10)  # a turn takes seconds: an event still without a seal by then has none coming
PURGED = "audit.purge"


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is changed, missing, unsealed, broken or cut; `ref` names the event or the seal."""

    kind: str
    scope: str
    ref: str


def scopes() -> list[str]:
    """Return every scope that has events or seals, "" among them."""
    return sorted(
        set(AuditEvent.objects.values_list("scope", flat=True).distinct())
        | set(Seal.objects.values_list("scope", flat=True).distinct())
    )


def verify(scope: str, *, now: datetime, kept_head: tuple[int, str] | None = None) -> list[Fault]:
    """Return what is wrong with one scope's chain; `now` by the database's own clock.

    `kept_head` is the number and hash of a seal that somebody kept elsewhere: without it a tail that was cut off,
    events and seals together, cannot be told. Events that a purge took away are not missing.
    """
    faults: list[Fault] = []
    sealed: set[int] = set()
    expected, previous, purged = 1, "", _purged_up_to(scope)
    found_head = kept_head is None
    for row in Seal.objects.filter(scope=scope).order_by("number").iterator(chunk_size=20):
        events = [(key, value) for key, value in row.events]
        is_sound = row.number == expected and row.previous == previous
        if not is_sound or row.hash != chained(row.previous, scope, row.number, events):
            faults.append(Fault("broken", scope, f"seal {row.number}"))
        faults += _events_of(scope, events, may_be_gone=row.number <= purged)
        sealed |= {key for key, _value in events}
        found_head = found_head or (row.number, row.hash) == kept_head
        expected, previous = row.number + 1, row.hash
    if not found_head and kept_head is not None:
        faults.append(Fault("cut", scope, f"seal {kept_head[0]}"))
    return faults + list(_without_seal(scope, sealed, now - UNSEALED))


def _events_of(scope: str, events: list[tuple[int, str]], *, may_be_gone: bool) -> list[Fault]:
    rows = AuditEvent.objects.in_bulk([key for key, _value in events])
    faults = []
    for key, value in events:
        row = rows.get(key)
        if row is None and not may_be_gone:
            faults.append(Fault("missing", scope, f"event {key}"))
        elif row is not None and digest(row) != value:
            faults.append(Fault("changed", scope, f"event {key}"))
    return faults


def _without_seal(scope: str, sealed: set[int], before: datetime) -> Iterator[Fault]:
    old = AuditEvent.objects.filter(scope=scope, at__lt=before).order_by("pk").values_list("pk", flat=True)
    for key in old.iterator():
        if key not in sealed:
            yield Fault("unsealed", scope, f"event {key}")


def _purged_up_to(scope: str) -> int:
    purges = AuditEvent.objects.filter(scope=scope, verb=PURGED, outcome=AuditEvent.Outcome.DONE)
    return max((int(number) for number in purges.values_list("object_id", flat=True) if number.isdigit()), default=0)

"""Making exports: the engine's turn claims one in each scope, reads, locks, and keeps it in one short transaction.

Nothing is held while the tables are read: a worker that dies leaves a row whose lease ends, and another takes it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db.models import F

from rls_module import conf
from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.host import adapter, clock, scopes, transaction
from rls_module.host.actor import Actor, system
from rls_module.outcomes import cells, strongbox
from rls_module.outcomes.actions import records
from rls_module.outcomes.models import Export, ExportPart
from rls_module.outcomes.queries import exported

LONGEST = timedelta(seconds=25)  # what one export may take of a turn; a larger one is made by rls_export
MOST_BYTES = 64 * 2**20
MOST_ATTEMPTS = 3
PART = 2**20
_LOOK_EVERY = 1000  # rows between two looks at the clock
_ENGINE = system("exports")


class _Refused(Exception):
    """It can't be made; `reason` says why, by the code that queries put into words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Locked(io.RawIOBase):
    """A file that is only ever written locked: parts of a megabyte, and the hash of the whole in clear."""

    export: Export
    parts: list[ExportPart] = field(default_factory=list)
    size: int = 0
    digest: Any = field(default_factory=sha256)
    _waiting: bytearray = field(default_factory=bytearray)

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.size += len(content)
        if self.size > MOST_BYTES:
            raise _Refused("too_large")
        self.digest.update(content)
        self._waiting += content
        while len(self._waiting) >= PART:
            self._lock(PART)
        return len(content)

    def finish(self) -> None:
        self._lock(len(self._waiting))

    def _lock(self, length: int) -> None:
        number, about = len(self.parts), self.export
        locked = strongbox.lock(
            bytes(self._waiting[:length]), key_id=about.key_id, scope=about.scope, uuid=about.uuid, number=number
        )
        del self._waiting[:length]
        self.parts.append(ExportPart(export=about, number=number, content=locked))


def make_exports(*, now: datetime, until: datetime) -> int:
    """Take away what is over and make one waiting export in each scope, as far as there is time `until` then.

    `until` is by the database's clock. Returns how many were made. A scope that raises is reported and stops no other.
    """
    made = scopes.walk(partial(_turn, now=now, until=until), what="exports")
    return sum(made.results.values())


def _turn(scope: str, *, now: datetime, until: datetime) -> int:
    expire(scope=scope, now=now)
    return int(clock.database_now() + LONGEST <= until and _make_next(scope, now))


@transaction.atomic
def expire(*, scope: str, now: datetime) -> int:
    """Empty the exports of `scope` whose day is over; returns how many."""
    ended = 0
    for export in exported.over(scope, now=now):
        ended += _end(export, Export.State.EXPIRED, "", verb="export.expired")
    return ended


def _make_next(scope: str, now: datetime) -> bool:
    export = exported.next_due(scope, now=now)
    if export is None or not _claim(export):
        return False
    try:
        charts = _charts(export, now)
        return _keep(export, _written(export, charts, now), charts, now)
    except _Refused as refused:
        with transaction.atomic():
            _end(export, Export.State.FAILED, refused.reason, verb="export.failed")
    return False


@transaction.atomic
def _claim(export: Export) -> bool:
    """Take the export by compare-and-set; one that took its workers with it, or failed, several times is given up."""
    if export.attempts >= MOST_ATTEMPTS:
        _end(export, Export.State.FAILED, "gave_up", verb="export.failed")
        return False
    seen = Export.objects.filter(pk=export.pk, version=export.version)
    export.version, export.key_id = export.version + 1, strongbox.newest_key()
    return bool(
        seen.update(
            state=Export.State.RUNNING,
            version=export.version,
            attempts=F("attempts") + 1,
            lease_until=clock.lease_end(conf.get("LEASE_S")),
            key_id=export.key_id,
        )
    )


def _charts(export: Export, now: datetime) -> list[Chart]:
    """Return whose rows go in, as far as that can be asked without a request; the rest is asked at the download."""
    if not strongbox.is_installed:
        raise _Refused("not_installed")
    if export.owner is None or not getattr(export.owner, "is_active", True):
        raise _Refused("owner_gone")
    if export.chart is not None:
        if not exported.is_in(export.chart, export.scope):
            raise _Refused("moved")
        return [export.chart]
    charts = exported.charts_of(export.scope)
    on = clock.clinic_day(now, export.scope)
    return charts if export.is_identified else exported.for_research(charts, on=on)


def _written(export: Export, charts: Sequence[Chart], now: datetime) -> _Locked:
    """Write the ZIP file, locked part by part; its manifest goes onto the export."""
    until = clock.database_now() + LONGEST
    zone = adapter().brand(export.scope).zone
    contents = exported.identified(charts) if export.is_identified else exported.de_identified(charts, zone=zone)
    file = _Locked(export)
    with ZipFile(file, "w") as folder:

        def put(name: str, pieces: Iterable[bytes]) -> None:
            about = ZipInfo(name, date_time=now.astimezone(zone).timetuple()[:6])
            about.compress_type = ZIP_DEFLATED
            with folder.open(about, "w") as member:
                for piece in pieces:
                    member.write(piece)

        in_time = (cells.Sheet(one.name, one.columns, _in_time(one.rows, until)) for one in contents.sheets)
        manifest: dict[str, Any] = {
            "kind": export.kind,
            "is_identified": export.is_identified,
            "tables": cells.write(in_time, put),
        }
        put(exported.README, [contents.readme.encode()])
        put(exported.MANIFEST, [json.dumps(manifest, indent=1).encode()])
    file.finish()
    export.manifest = manifest | {"bytes": file.size, "sha256": file.digest.hexdigest()}
    return file


def _in_time(rows: Iterable[Sequence[object]], until: datetime) -> Iterator[Sequence[object]]:
    for count, row in enumerate(rows):
        if count % _LOOK_EVERY == 0 and clock.database_now() > until:
            raise _Refused("too_long")
        yield row


@transaction.atomic
def _keep(export: Export, file: _Locked, charts: Sequence[Chart], now: datetime) -> bool:
    """Store the file with its events; nothing where another worker has taken the export in the meantime."""
    held = Export.objects.filter(pk=export.pk, version=export.version, state=Export.State.RUNNING)
    ready = {"state": Export.State.READY, "ready_at": now, "manifest": export.manifest, "lease_until": None}
    if not held.update(**ready, version=F("version") + 1):
        return False
    ExportPart.objects.bulk_create(file.parts, batch_size=1)
    # It is the owner who will have read them; the export's own key ties these events together.
    owner = Actor(f"user:{export.owner_id}", export.owner_name, export.owner_id, "export", export.uuid.hex)
    records.record_made(
        charts=charts,
        verb=export.action,
        scope=export.scope,
        sha256=export.manifest["sha256"],
        reader=owner,
        maker=_ENGINE,
        ref=export.uuid,
    )
    return True


def _end(export: Export, state: str, reason: str, *, verb: str) -> bool:
    """End an export as it was seen, and empty it; a worker that still makes it will find the version moved on."""
    seen = Export.objects.filter(pk=export.pk, version=export.version)
    if not seen.update(state=state, state_reason=reason, lease_until=None, version=F("version") + 1):
        return False
    ExportPart.objects.filter(export=export).delete()
    _record(export, verb, reason)
    return True


def _record(export: Export, verb: str, purpose: str) -> None:
    patient = "" if export.chart is None else export.chart.patient_id
    log.record(
        actor=_ENGINE, verb=verb, kind="export", ref=export.uuid, patient=patient, scope=export.scope, purpose=purpose
    )

"""Fetching an export: once, and what was fetched is gone from here in the same transaction."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.db.models import F

from rls_module.audit import log
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.outcomes import strongbox
from rls_module.outcomes.models import Export, ExportPart
from rls_module.outcomes.queries import exported


class Gone(Exception):
    """It is not ready, was fetched already, or its time is over."""


@transaction.atomic
def fetch(*, export: Export, actor: Actor, now: datetime) -> bytes | None:
    """Return the file and empty the export; None, and a failed export, where the key to it is gone.

    Who may fetch it is asked before. Raises Gone; of two who fetch at once, one gets it.
    """
    content = _unlocked(export)
    state, reason = (Export.State.FAILED, "key_gone") if content is None else (Export.State.FETCHED, "")
    ready = Export.objects.filter(pk=export.pk, version=export.version, state=Export.State.READY, expires_at__gt=now)
    if not ready.update(state=state, state_reason=reason, version=F("version") + 1):
        raise Gone
    ExportPart.objects.filter(export=export).delete()
    log.record(
        actor=actor,
        verb="export.download" if content is not None else "export.failed",
        kind="export",
        ref=export.uuid,
        patient="" if export.chart is None else export.chart.patient_id,
        scope=export.scope,
        purpose=reason or f"sha256 {export.manifest['sha256']}",
    )
    return content


def _unlocked(export: Export) -> bytes | None:
    """Return the whole file, or None: a part that can't be unlocked, or is missing, makes all of it unreadable."""
    unlock = partial(strongbox.unlock, key_id=export.key_id, scope=export.scope, uuid=export.uuid)
    try:
        pieces = [unlock(locked, number=number) for number, locked in exported.parts(export)]
    except strongbox.Unreadable:
        return None
    content = b"".join(pieces)
    return content if sha256(content).hexdigest() == export.manifest.get("sha256") else None


@transaction.atomic
def refuse(*, uuid: UUID, scope: str, actor: Actor) -> None:
    """Record that `actor` tried to fetch an export that is not theirs, or not any more."""
    log.record(actor=actor, verb="export.download", kind="export", ref=uuid, scope=scope, refused=True)

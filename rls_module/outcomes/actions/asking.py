"""Asking for an export."""

from __future__ import annotations

from datetime import datetime, timedelta

from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store
from rls_module.outcomes import strongbox
from rls_module.outcomes.models import Export
from rls_module.outcomes.queries import exported

LIFE = timedelta(hours=24)  # from asking to being gone, whatever happens in between
MOST_OPEN = 5


class TooMany(Exception):
    """The owner has as many exports waiting, being made or ready as one person may have."""


class NotInstalled(Exception):
    """Nothing here could lock the file, so it must not be made."""


@transaction.atomic
def ask(*, scope: str, chart: Chart | None, is_identified: bool, actor: Actor, now: datetime) -> Export:
    """Ask for one patient's record, or for the registry of `scope` where there is no `chart`; the engine makes it.

    `actor` becomes its owner, the only one who can fetch it. Raises TooMany and NotInstalled.
    """
    if not strongbox.is_installed:
        raise NotInstalled
    if exported.open_count(actor.user_id) >= MOST_OPEN:
        raise TooMany
    export = store(
        Export(
            scope=scope,
            owner_id=actor.user_id,
            owner_name=actor.name,
            kind=Export.Kind.REGISTRY if chart is None else Export.Kind.PATIENT,
            chart=chart,
            is_identified=is_identified,
            expires_at=now + LIFE,
            created_at=now,
        )
    )
    patient = "" if chart is None else chart.patient_id
    log.record(actor=actor, verb=export.action, kind="export", ref=export.uuid, patient=patient, scope=scope)
    return export

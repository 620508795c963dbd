"""The witness of an export: whose rows are in it, and which file it is."""

from __future__ import annotations

from collections.abc import Sequence

from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.host import transaction
from rls_module.host.actor import Actor

_AT_ONCE = 1000


@transaction.atomic
def record_made(
    *, charts: Sequence[Chart], verb: str, scope: str, sha256: str, reader: Actor, maker: Actor, ref: object = ""
) -> None:
    """Record one read by `reader` for each patient whose rows are in it, and that `maker` made the file.

    `verb` is the action by which it was asked for; `sha256` is that of the file, or of a folder's manifest.
    """
    for start in range(0, len(charts), _AT_ONCE):
        patients: dict[object, str] = {chart.patient_id: chart.scope for chart in charts[start : start + _AT_ONCE]}
        log.record_list(actor=reader, verb=verb, kind="export", patients=patients)
    log.record(actor=maker, verb="export.made", kind="export", ref=ref, scope=scope, purpose=f"sha256 {sha256}")

"""Noting that a link did not open."""

from __future__ import annotations

from rls_module.audit import log
from rls_module.followups.models import Occurrence
from rls_module.host import transaction
from rls_module.host.actor import Actor


@transaction.atomic
def refuse_link(*, occurrence: Occurrence | None, failure: str, actor: Actor) -> None:
    """Record a link that opened nothing, by the kind of failure; `occurrence` is what it was about, where known."""
    log.record(
        actor=actor,
        verb="link.open",
        kind="occurrence",
        ref=occurrence.uuid if occurrence else "",
        patient=occurrence.chart.patient_id if occurrence else "",
        scope=occurrence.scope if occurrence else "",
        purpose=failure,
        refused=True,
    )

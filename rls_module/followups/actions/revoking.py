"""Closing links that went out: one form's, one patient's, or in an emergency a whole clinic's.

A link dies when its version moves on. The next mail carries a new one; the way out of all mail stays open.
"""

from __future__ import annotations

from django.db.models import F

from rls_module.audit import log
from rls_module.cases.models import Chart
from rls_module.followups.actions import records
from rls_module.followups.models import Occurrence
from rls_module.host import transaction
from rls_module.host.actor import Actor


@transaction.atomic
def revoke_link(*, occurrence: Occurrence, actor: Actor, reason: str = "") -> None:
    """Have no link to this form open that was handed out until now, nor a sitting that was begun by one."""
    Occurrence.objects.filter(pk=occurrence.pk).update(link_version=F("link_version") + 1)
    records.of_occurrence(actor, "link.revoke", occurrence, fields=("link_version",), purpose=reason)


@transaction.atomic
def revoke_links_of(*, chart: Chart, actor: Actor) -> None:
    """As `revoke_link`, for every form of one patient."""
    Occurrence.objects.filter(chart=chart).update(link_version=F("link_version") + 1)
    records.of_chart(actor, "link.revoke", chart, fields=("link_version",))


@transaction.atomic
def revoke_all_links(*, scope: str, reason: str, actor: Actor) -> int:
    """As `revoke_link`, for every form of a clinic; returns how many there are. One event for the clinic."""
    count = Occurrence.objects.filter(scope=scope).update(link_version=F("link_version") + 1)
    log.record(
        actor=actor,
        verb="link.revoke_all",
        kind="occurrence",
        scope=scope,
        fields=("link_version",),
        purpose=reason,
    )
    return count

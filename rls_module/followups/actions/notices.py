"""Telling a clinic by mail what it must know at once: that a chart was opened in an emergency."""

from __future__ import annotations

import logging
from datetime import datetime

from rls_module import conf
from rls_module.audit import log
from rls_module.cases.models import EmergencyAccess
from rls_module.followups import emails
from rls_module.host import adapter, transaction
from rls_module.host.actor import system

logger = logging.getLogger(__name__)


def tell_of_emergencies(*, scope: str, now: datetime) -> int:
    """Tell the clinic's privacy contacts, in one mail, of every opened chart that they were not told of yet.

    Returns of how many. What can't be sent is tried again at the next turn and stops nothing else; a pause of the
    patients' mails does not stop it, DISPATCH_PAUSED does. A worker that dies between mail and mark has it sent twice.
    """
    untold = list(EmergencyAccess.objects.filter(chart__scope=scope, told_at=None).select_related("chart"))
    if not untold or conf.get("DISPATCH_PAUSED"):
        return 0
    try:
        message = emails.emergency_notice(scope, adapter().privacy_contacts(scope), count=len(untold))
        if not message.to:
            return 0
        message.send()
    except Exception as error:  # noqa: BLE001  a mail server's words may quote addresses: only the kind is told
        logger.error("the clinic %s could not be told of an emergency access (%s)", scope, type(error).__name__)
        return 0
    _mark_told(untold, now)
    return len(untold)


@transaction.atomic
def _mark_told(opened: list[EmergencyAccess], now: datetime) -> None:
    for one in opened:
        if EmergencyAccess.objects.filter(pk=one.pk, told_at=None).update(told_at=now):
            log.record(
                actor=system("followups"),
                verb="emergency.told",
                kind="emergencyaccess",
                ref=one.uuid,
                patient=one.chart.patient_id,
                scope=one.chart.scope,
                fields=("told_at",),
                purpose=one.ref,
            )

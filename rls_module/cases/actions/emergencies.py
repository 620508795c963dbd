"""Opening a chart in an emergency."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from rls_module import signals
from rls_module.audit import log
from rls_module.cases.access import emergencies
from rls_module.cases.models import Chart, EmergencyAccess
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import store


@transaction.atomic
def open_in_emergency(*, chart: Chart, reason: str, actor: Actor, now: datetime) -> EmergencyAccess:
    """Let `actor` read `chart` for sixty minutes from `now`; one that stands already is returned and not lengthened.

    The reason has ten characters or more, else ValidationError. The clinic is told at the engine's next turn.
    """
    Chart.objects.select_for_update().get(pk=chart.pk)  # two taps on the same button are one
    there = emergencies.opened_by(actor.user_id, chart.patient, now=now)
    if there is not None:
        return there
    opened = store(
        EmergencyAccess(
            chart=chart,
            user_id=actor.user_id,
            user_name=actor.name,
            reason=reason.strip(),
            opened_at=now,
            ends_at=now + emergencies.LONGEST,
            created_at=now,
        )
    )
    log.record(
        actor=actor,
        verb="patient.break_glass",
        kind="emergencyaccess",
        ref=opened.uuid,
        patient=chart.patient_id,
        scope=chart.scope,
        fields=("reason", "ends_at"),
        purpose=opened.ref,
    )
    transaction.on_commit(partial(signals.emergency_opened.send, EmergencyAccess, emergency_id=opened.pk))
    return opened

"""What a chart that was opened in an emergency allows: to read this one patient's record, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Value
from django.db.models.functions import Now
from django.http import HttpRequest

from rls_module.cases.access.asking import may
from rls_module.cases.models import EmergencyAccess
from rls_module.host import clock
from rls_module.host.actor import Actor

LONGEST = timedelta(minutes=60)

# Everything that such a person reads. No contact data, billing, enrolment, preference, audit, hold or export.
READING = frozenset(
    {
        *("chart.view", "intake.view", "assessment.view", "lab.view", "medication.view", "plan.view", "visit.view"),
        *("addendum.view", "adverse_event.view", "consent.view", "contact.view", "task.view", "response.view"),
        "attachment.view",
    }
)


@dataclass(frozen=True, slots=True)
class Right:
    """By what somebody may do something: the host's own word, or a chart opened in an emergency."""

    emergency: EmergencyAccess | None = None

    @property
    def purpose(self) -> str:
        """What the event of it says beside the action."""
        return self.emergency.ref if self.emergency else ""


def right_to(request: HttpRequest, actor: Actor, action: str, patient: Any) -> Right | None:
    """Return by what right `actor` may do `action` on a patient whom the request may know of, or None."""
    if may(request, action, patient):
        return Right()
    opened = standing(request, actor, patient) if action in READING else None
    return Right(opened) if opened else None


def may_open(request: HttpRequest, patient: Any) -> bool:
    """True where the host lets this request know of `patient` and open the chart in an emergency."""
    return may(request, "patient.view", patient) and may(request, "patient.break_glass", patient)


def standing(request: HttpRequest, actor: Actor, patient: Any) -> EmergencyAccess | None:
    """Return what `actor` opened of `patient` and what has not ended, while the host still grants it.

    Asked anew for every row, and only after the host's own no: the gate asks the clock itself, so that no page which
    needs none has to.
    """
    if actor.user_id is None or not may_open(request, patient):
        return None
    return opened_by(actor.user_id, patient, now=clock.now())


def opened_by(user_id: Any, patient: Any, *, now: datetime) -> EmergencyAccess | None:
    """Return what the user opened of `patient` and what has not ended at `now`.

    By the database's own clock, too, it is over after the longest time that there is.
    """
    opened = EmergencyAccess.objects.filter(
        chart__patient=patient,
        user=user_id,
        opened_at__lte=now,
        ends_at__gt=now,
        stored_at__gt=Now() - Value(LONGEST),
    )
    return opened.order_by("-ends_at").first()

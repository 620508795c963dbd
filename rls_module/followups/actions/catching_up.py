"""After an outage: of what was missed the newest is asked, the rest is let go, and nobody gets mail after mail."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from rls_module.followups import queries
from rls_module.followups.actions import records
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host import transaction
from rls_module.host.actor import system
from rls_module.knowledge.protocols import ahead

LATE = "late"


@transaction.atomic
def catch_up(*, scope: str, now: datetime) -> int:
    """Skip each time of asking that never went out and that a later one has overtaken; return how many.

    With it goes each reminder that has been overtaken by another mail of the same form which is still to go.
    """
    _drop_reminders(scope, now)
    skipped = 0
    for occurrence in _overtaken(scope, now):
        one = Occurrence.objects.filter(pk=occurrence.pk, state=Occurrence.State.OPEN, begun_at=None)
        if one.update(state=Occurrence.State.SKIPPED, state_reason=LATE):
            _unsent(occurrence).update(state=Delivery.State.CANCELLED, state_reason=LATE)
            records.of_occurrence(system("followups"), "enrolment.missed", occurrence, fields=("state",))
            skipped += 1
    return skipped


def _overtaken(scope: str, now: datetime) -> list[Occurrence]:
    """Return what is due, of which no mail ever left, while a later one of the same enrolment is due as well."""
    waiting = queries.due(scope, now).filter(kind=Delivery.Kind.INVITE, occurrence__state=Occurrence.State.OPEN)
    later = Occurrence.objects.filter(
        enrolment=OuterRef("occurrence__enrolment"),
        state=Occurrence.State.OPEN,
        due_at__gt=OuterRef("occurrence__due_at"),
        due_at__lte=now,
    ).exclude(step__in=ahead.STEPS)
    left = Delivery.objects.filter(occurrence=OuterRef("occurrence")).exclude(
        state__in=(*queries.UNSENT, Delivery.State.CANCELLED)
    )
    rows = waiting.filter(Exists(later), ~Exists(left)).exclude(occurrence__step__in=ahead.STEPS)
    return [row.occurrence for row in rows.select_related("occurrence__chart")]


def _drop_reminders(scope: str, now: datetime) -> None:
    due = queries.due(scope, now)
    other = due.filter(occurrence=OuterRef("occurrence"))
    first_mail = other.exclude(kind=Delivery.Kind.REMINDER).filter(due_at__lt=OuterRef("due_at"))
    newer = other.filter(kind=Delivery.Kind.REMINDER, due_at__gt=OuterRef("due_at"))
    reminders = due.filter(kind=Delivery.Kind.REMINDER)
    late = [*reminders.filter(Exists(first_mail)).values_list("pk", flat=True)]
    late += reminders.filter(Exists(newer)).values_list("pk", flat=True)
    if late:
        unsent = Delivery.objects.filter(pk__in=late, state__in=queries.UNSENT)
        unsent.update(state=Delivery.State.CANCELLED, state_reason=LATE)


def _unsent(occurrence: Occurrence) -> QuerySet[Delivery]:
    return Delivery.objects.filter(occurrence=occurrence, state__in=queries.UNSENT)

"""The host's appointment book as the stories need it: a slot for each past visit, and who comes today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from clinic.demo import seed
from clinic.models import Patient, Visit, VisitStatus


class Diary:
    """Gives each therapist's patients of a day one slot after the other."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[int, date]] = Counter()

    def book(self, patient: Patient, therapist: User, day: date, reason: str) -> Visit:
        """Return a visit that took place on `day`, a day before today; whoever had the slot in the book gives way."""
        slot = self._taken[therapist.pk, day]
        self._taken[therapist.pk, day] += 1
        visit, _ = Visit.objects.update_or_create(
            clinic=patient.clinic,
            therapist=therapist,
            starts_at=_starts_at(patient, day, slot),
            defaults={"patient": patient, "reason": reason, "status": VisitStatus.DONE},
        )
        return visit


def clear_past(patients: Iterable[Patient], before: datetime) -> None:
    """Take the earlier bookings of these patients out of the book: their story says when they came."""
    Visit.objects.filter(patient__in=list(patients), starts_at__lt=before).delete()


def move_to_today(patient: Patient, therapist: User, today: date, slot: int) -> None:
    """Have the patient come today in this slot instead of who stands there."""
    Visit.objects.filter(therapist=therapist, starts_at=_starts_at(patient, today, slot)).update(patient=patient)


def _starts_at(patient: Patient, day: date, slot: int) -> datetime:
    return datetime.combine(day, seed.HOURS[slot], tzinfo=ZoneInfo(patient.clinic.zone)).astimezone(UTC)

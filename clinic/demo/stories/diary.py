"""The host's appointment book as the stories need it: a slot for each past visit, and who comes today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
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


def clear_from(patient: Patient, at: datetime) -> None:
    """Take the patient out of the book from this instant on."""
    Visit.objects.filter(patient=patient, starts_at__gte=at).delete()


def clear_day(patient: Patient, at: datetime) -> None:
    """Take the patient out of the book for the day that begins at this instant."""
    Visit.objects.filter(patient=patient, starts_at__gte=at, starts_at__lt=at + timedelta(days=1)).delete()


def come_today(patient: Patient, therapist: User, now: datetime, slot: int, reason: str) -> None:
    """Have the patient come today in this slot instead of whoever stands there."""
    starts_at = _starts_at(patient, now.astimezone(ZoneInfo(patient.clinic.zone)).date(), slot)
    Visit.objects.update_or_create(
        clinic=patient.clinic,
        therapist=therapist,
        starts_at=starts_at,
        defaults={"patient": patient, "reason": reason, "status": seed.status_at(starts_at, now)},
    )


def _starts_at(patient: Patient, day: date, slot: int) -> datetime:
    return datetime.combine(day, seed.HOURS[slot], tzinfo=ZoneInfo(patient.clinic.zone)).astimezone(UTC)

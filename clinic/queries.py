"""What the host's pages and its adapter may read, per user. No writes, no permissions of the plugin."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet

from clinic.models import Patient, Role, Staff, Visit


def patients() -> QuerySet[Patient]:
    """Every patient that is not archived, with the clinic."""
    return Patient.objects.filter(archived=False).select_related("clinic")


def staff_of(user: Any) -> Staff | None:
    """The staff record of an active, signed-in user, or None. Superusers get nothing from being superusers."""
    if not isinstance(user, AbstractBaseUser) or not user.is_active:
        return None
    try:
        return user.clinic_staff  # type: ignore[attr-defined]
    except Staff.DoesNotExist:
        return None


def patients_for(staff: Staff | None) -> QuerySet[Patient]:
    """The patients on the list of this member of staff: a therapist's own, a clinic admin's clinic; else none."""
    if staff is None:
        return patients().none()
    of_clinic = patients().filter(clinic_id=staff.clinic_id)
    match staff.role:
        case Role.THERAPIST:
            return of_clinic.filter(therapists=staff.user_id)
        case Role.CLINIC_ADMIN:
            return of_clinic
        case _:
            return of_clinic.none()


def patients_known_to(staff: Staff | None) -> QuerySet[Patient]:
    """The patients whose name and number this member of staff may know: the clinic's, for each of its roles."""
    if staff is None or staff.role not in Role:
        return patients().none()
    return patients().filter(clinic_id=staff.clinic_id)


def is_known_to(patient: Patient, staff: Staff) -> bool:
    """True for a patient of `patients_known_to(staff)`, without asking the database."""
    return staff.role in Role and patient.clinic_id == staff.clinic_id and not patient.archived


def privacy_mail(clinic: str) -> QuerySet[Staff, str]:
    """The mail addresses of those who manage a clinic."""
    admins = Staff.objects.filter(clinic_id=clinic, role=Role.CLINIC_ADMIN, user__is_active=True)
    return admins.exclude(user__email="").order_by("user_id").values_list("user__email", flat=True)


def matching(found: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """Narrow `found` to patients in whose names or record number every word of `text` occurs."""
    for word in text.split():
        found = found.filter(Q(given__icontains=word) | Q(family__icontains=word) | Q(record_number__icontains=word))
    return found


def visits_of_day(staff: Staff | None, day: date) -> QuerySet[Visit]:
    """The therapist's own visits that start on `day` in the clinic's zone, earliest first; for others none."""
    if staff is None or staff.role != Role.THERAPIST:
        return Visit.objects.none()
    starts, ends = day_bounds(day, ZoneInfo(staff.clinic.zone))
    own = Visit.objects.filter(clinic_id=staff.clinic_id, therapist=staff.user_id)
    own = own.filter(starts_at__gte=starts, starts_at__lt=ends)
    # A walk-in has no patient yet; a patient who is not on the therapist's list is not shown.
    own = own.filter(Q(patient=None) | Q(patient__in=patients_for(staff)))
    return own.select_related("patient", "clinic").order_by("starts_at", "pk")


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a local day begins and the next one begins."""
    begins = datetime.combine(day, time(), tzinfo=zone)
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)

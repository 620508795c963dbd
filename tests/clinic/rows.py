"""Plain functions that make rows of the reference host for tests. No clinical rows."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from clinic.models import Clinic, Patient, Role, Staff, Visit

_numbers = count(1)


def make_clinic(slug: str = "riverside", **changes: Any) -> Clinic:
    """A clinic; the name follows the slug."""
    fields = {"name": f"{slug.title()} Therapy", "mail_name": f"{slug.title()} Clinic", "phone": "555-0100", **changes}
    return Clinic.objects.get_or_create(slug=slug, defaults=fields)[0]


def make_staff(role: str = Role.THERAPIST, clinic: Clinic | None = None, **changes: Any) -> Staff:
    """A member of staff with an account of the same name and the password "correct horse"."""
    user = User.objects.create_user(username=f"{role}{next(_numbers)}", password="correct horse")
    return Staff.objects.create(user=user, clinic=clinic or make_clinic(), role=role, **changes)


def make_patient(*, of: Staff | None = None, clinic: Clinic | None = None, **changes: Any) -> Patient:
    """A patient of the clinic, or of a therapist and so of that therapist's clinic."""
    number = next(_numbers)
    fields = {"record_number": f"R-{number}", "given": "Alma", "family": f"Abbott{number}", **changes}
    patient = Patient.objects.create(clinic=clinic or (of.clinic if of else make_clinic()), **fields)
    if of:
        patient.therapists.add(of.user)
    return patient


def make_visit(patient: Patient | None, staff: Staff, at: datetime | None = None, **changes: Any) -> Visit:
    """A visit of the therapist, on 2 March 2026 at 15:00 UTC unless said otherwise."""
    starts_at = at or datetime(2026, 3, 2, 15, tzinfo=UTC)
    fields = {"starts_at": starts_at, "reason": "Heel pain", **changes}
    return Visit.objects.create(clinic=staff.clinic, patient=patient, therapist=staff.user, **fields)

"""What the host answers when the plugin asks: the adapter, and the table of roles. It answers; it does no work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from clinic import queries
from clinic.models import Clinic, Patient, Role, Staff, Visit
from rls_module.host import Birth, Brand, HostAdapter

# What each role may do with a patient it can see. Fewer than the plugin has is right; nothing is granted by default.
PATIENT_ACTIONS: dict[str, frozenset[str]] = {
    Role.THERAPIST: frozenset(
        {
            *("patient.view", "patient.contact", "chart.view"),
            *("case.open", "case.edit", "case.close", "screen.create"),
            *("intake.view", "intake.edit", "intake.send", "intake.amend"),
            *("assessment.view", "assessment.edit", "lab.view", "lab.edit", "medication.view", "medication.edit"),
            *("plan.view", "plan.edit", "plan.sign"),
            *("visit.view", "visit.edit", "visit.sign", "visit.void"),
            *("addendum.view", "addendum.create", "addendum.sign"),
            *("adverse_event.view", "adverse_event.create", "adverse_event.follow_up"),
            *("consent.view", "consent.create", "consent.withdraw"),
            *("attachment.view", "attachment.create", "contact.view", "contact.create"),
            *("task.view", "task.edit", "task.close", "task.call", "task.assign"),
            *("response.view", "response.create", "response.reopen"),
            *("enrolment.view", "enrolment.edit", "delivery.view", "delivery.resend"),
            *("link.show", "link.revoke", "preference.view", "preference.edit"),
            *("billing.view", "billing.edit", "notice.view", "notice.create"),
            *("hold.view", "audit.report", "export.patient"),
        }
    ),
    Role.CLINIC_ADMIN: frozenset(
        {
            *("patient.view", "patient.contact", "task.assign"),
            *("enrolment.view", "enrolment.edit", "delivery.view", "delivery.requeue", "delivery.cancel"),
            *("link.revoke", "preference.view", "preference.edit"),
            *("hold.view", "hold.create", "hold.lift", "audit.report"),
        }
    ),
}

# What each role may do with the clinic's other patients: know whom there is, and read a chart in an emergency.
BEYOND_THE_LIST: dict[str, frozenset[str]] = {
    Role.THERAPIST: frozenset({"patient.view", "patient.break_glass"}),
}

# What each role may do in its clinic as a whole.
CLINIC_ACTIONS: dict[str, frozenset[str]] = {
    Role.THERAPIST: frozenset(
        {
            *("protocol.view", "text.view", "instrument.view", "licence.view", "library.view", "policy.view"),
            *("competence.view", "cover.view", "outcome.view", "export.download"),
        }
    ),
    Role.CLINIC_ADMIN: frozenset(
        {
            *("protocol.view", "protocol.edit", "text.view", "text.edit"),
            *("instrument.view", "instrument.import", "instrument.retire", "licence.view", "licence.edit"),
            *("library.view", "library.edit", "policy.view", "policy.edit"),
            *("competence.view", "competence.edit", "cover.view", "cover.edit"),
            *("queue.view", "queue.pause", "queue.resume", "link.revoke_all", "status.view"),
            *("outcome.view", "audit.view", "export.create", "export.download"),
        }
    ),
}


class ClinicAdapter(HostAdapter):
    """Two clinics in one database; a therapist treats own patients and knows the names of the clinic's others.

    A clinic admin knows the clinic's patients without their charts.
    """

    # --- patients
    def patients(self) -> QuerySet[Patient]:
        return queries.patients()

    def is_active(self, patient: Patient) -> bool:
        return not patient.archived and patient.died_on is None

    def display_name(self, patient: Patient) -> str:
        return patient.full_name

    def public_ref(self, patient: Patient) -> str:
        return patient.record_number

    def email(self, patient: Patient) -> str | None:
        return patient.email or None

    def phone(self, patient: Patient) -> str | None:
        return patient.phone or None

    def birth(self, patient: Patient) -> Birth:
        return Birth(on=patient.born)

    def timezone(self, patient: Patient) -> ZoneInfo:
        return ZoneInfo(patient.zone or patient.clinic.zone)

    def language(self, patient: Patient) -> str:
        return patient.language

    def consent(self, patient: Patient, purpose: str) -> bool | None:
        return None  # this host keeps no consents: the plugin's own record counts

    # --- who may do what
    def visible_patients(self, request: HttpRequest) -> QuerySet[Patient]:
        return queries.patients_known_to(self._staff(request))

    def patients_to_ask(self, request: HttpRequest, action: str) -> QuerySet[Patient]:
        staff = self._staff(request)
        is_beyond = staff is not None and action in BEYOND_THE_LIST.get(staff.role, frozenset())
        return queries.patients_known_to(staff) if is_beyond else queries.patients_for(staff)

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> bool:
        staff = self._staff(request)
        if staff is None:
            return False
        if patient is None:
            return action in CLINIC_ACTIONS.get(staff.role, frozenset())
        if not queries.is_known_to(patient, staff):
            return False
        is_own = staff.role == Role.CLINIC_ADMIN or patient.pk in self._own(request, staff)
        return action in (_patient_actions(staff) if is_own else BEYOND_THE_LIST.get(staff.role, frozenset()))

    def practitioners(self, request: HttpRequest) -> QuerySet[AbstractBaseUser]:
        users = get_user_model()._default_manager.filter(is_active=True, clinic_staff__role=Role.THERAPIST)
        staff = self._staff(request)
        return users.filter(clinic_staff__clinic=staff.clinic_id) if staff else users.none()

    def practitioner_name(self, user: AbstractBaseUser) -> str:
        staff = Staff.objects.filter(user_id=user.pk).first()
        return (staff and staff.printed_name) or super().practitioner_name(user)

    def privacy_contacts(self, scope: str) -> Iterable[str]:
        return queries.privacy_mail(scope)

    # --- visits
    def visits_for(self, patient: Patient) -> Iterable[Visit]:
        return patient.visits.order_by("-starts_at", "-pk")

    def visit_patient_pk(self, visit: Visit) -> str | None:
        return str(visit.patient_id) if visit.patient_id else None  # a walk-in has none yet

    def visit_start(self, visit: Visit) -> datetime:
        return visit.starts_at

    def visits_on(self, request: HttpRequest, day: date) -> Iterable[Visit]:
        return queries.visits_of_day(self._staff(request), day)

    def search(self, request: HttpRequest, text: str) -> QuerySet[Patient]:
        return queries.matching(self.visible_patients(request), text).order_by("family", "given", "pk")

    def patient_url(self, patient: Patient) -> str:
        return reverse("patient", args=[patient.pk])

    def visit_url(self, visit: Visit) -> str | None:
        return f"{reverse('patient', args=[visit.patient_id])}#visit-{visit.pk}" if visit.patient_id else None

    # --- clinics
    def scope_of(self, patient: Patient) -> str:
        return patient.clinic_id

    def scopes(self) -> Iterator[tuple[str, AbstractContextManager[None]]]:
        for slug in Clinic.objects.order_by("slug").values_list("slug", flat=True):
            yield slug, nullcontext()

    def request_scope(self, request: HttpRequest) -> str | None:
        staff = self._staff(request)
        return staff.clinic_id if staff else None

    def brand(self, scope: str) -> Brand:
        clinic = Clinic.objects.get(pk=scope)
        return Brand(
            name=clinic.name,
            phone=clinic.phone,
            accent=clinic.accent,
            zone=ZoneInfo(clinic.zone),
            mail_name=clinic.mail_name,
            emergency_number=clinic.emergency_number,
            crisis_line=clinic.crisis_line,
        )

    def _own(self, request: HttpRequest, staff: Staff) -> frozenset[int]:
        """The keys of the patients on this one's list, asked once a request: lists of the plugin ask for each row."""
        memo: dict[str, frozenset[int]] = request.__dict__.setdefault("clinic_memo", {})
        if "patients" not in memo:
            memo["patients"] = frozenset(queries.patients_for(staff).values_list("pk", flat=True))
        return memo["patients"]

    def _staff(self, request: HttpRequest) -> Staff | None:
        return queries.staff_of(self.request_user(request))


def _patient_actions(staff: Staff) -> frozenset[str]:
    granted = PATIENT_ACTIONS.get(staff.role, frozenset())
    return granted | {"visit.cosign"} if staff.may_cosign and staff.role == Role.THERAPIST else granted

"""What the two clinics answer. The request's clinic is its domain's; a right is one in that clinic's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from rls_module.host import Birth, Brand, HostAdapter
from rls_module.host.clock import clinic_day, now
from tests.hosts.two_clinics import clinics, roles
from tests.hosts.two_clinics.models import Cover, Member, Person, Role

OF_THE_WHOLE_CLINIC = {Role.THERAPIST, Role.FRONT_DESK, Role.BILLER, Role.CLINIC_ADMIN}


class TwoClinicsAdapter(HostAdapter):
    def patients(self) -> QuerySet[Person]:
        return Person.objects.filter(left_at=None)

    def is_active(self, patient: Person) -> bool:
        return patient.left_at is None

    def display_name(self, patient: Person) -> str:
        return f"{patient.first} {patient.last}"

    def email(self, patient: Person) -> str | None:
        return patient.mail or None

    def phone(self, patient: Person) -> str | None:
        return patient.mobile or None

    def birth(self, patient: Person) -> Birth:
        return Birth(on=patient.born)

    def timezone(self, patient: Person) -> ZoneInfo:
        return ZoneInfo(clinics.CLINICS[self.scope_of(patient)].zone)

    def visible_patients(self, request: HttpRequest) -> QuerySet[Person]:
        member = self._member(request)
        return self.patients() if member and member.role in OF_THE_WHOLE_CLINIC else self.patients().none()

    def can(self, request: HttpRequest, action: str, patient: Person | None) -> bool:
        member = self._member(request)
        if member is None:
            return False
        if patient is None:
            return action in roles.OF_A_CLINIC.get(member.role, frozenset())
        granted = action in roles.OF_A_PATIENT.get(self._standing(member, patient), frozenset())
        return granted and self.visible_patients(request).filter(pk=patient.pk).exists()

    def search(self, request: HttpRequest, text: str) -> QuerySet[Person]:
        return self.visible_patients(request).filter(Q(last__icontains=text) | Q(first__icontains=text))

    def scope_of(self, patient: Person) -> str:
        return patient._state.db or ""

    def scopes(self) -> Iterator[tuple[str, AbstractContextManager[None]]]:
        for label in clinics.CLINICS:
            yield label, clinics.inside(label)

    def request_scope(self, request: HttpRequest) -> str | None:
        return clinics.current()

    def base_url(self, scope: str) -> str:
        return f"http://{clinics.CLINICS[scope].domain}"

    def brand(self, scope: str) -> Brand:
        clinic = clinics.CLINICS[scope]
        return Brand(name=clinic.name, phone=clinic.phone, zone=ZoneInfo(clinic.zone))

    def _member(self, request: HttpRequest) -> Member | None:
        user = self.request_user(request)
        return Member.objects.filter(user_id=user.pk, user__is_active=True).first() if user else None

    def _standing(self, member: Member, patient: Person) -> str:
        """What the member is to this patient: a therapist treats, stands in for one who does, or is a colleague."""
        if member.role != Role.THERAPIST:
            return member.role
        today = clinic_day(now(), self.scope_of(patient))
        stands_in_for = Cover.objects.filter(by=member.user_id, until__gte=today).values("absent")
        treating = patient.treated_by.filter(Q(pk=member.user_id) | Q(pk__in=stands_in_for))
        return roles.TREATING if treating.exists() else roles.COLLEAGUE

"""The smallest useful adapter: five answers, and everything else left to the defaults."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from rls_module.host import HostAdapter
from tests.hosts.minimal.models import Person


class MinimalAdapter(HostAdapter):
    def display_name(self, patient: Person) -> str:
        return patient.called

    def email(self, patient: Person) -> str | None:
        return patient.reachable_at or None

    def is_active(self, patient: Person) -> bool:
        return not patient.has_left

    def visible_patients(self, request: HttpRequest) -> QuerySet[Person]:
        user = self.request_user(request)
        return Person.objects.filter(keeper=user, has_left=False) if user else Person.objects.none()

    def can(self, request: HttpRequest, action: str, patient: Person | None) -> bool:
        return patient is not None and self.visible_patients(request).filter(pk=patient.pk).exists()

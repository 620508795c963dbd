"""Adapters with one fault each, for the doctor to find."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from clinic.rls import ClinicAdapter
from rls_module.host import ACTIONS


class Raising(ClinicAdapter):
    def phone(self, patient: Any) -> str | None:
        raise LookupError(f"no phone of {patient.family}")


class WrongType(ClinicAdapter):
    def email(self, patient: Any) -> Any:
        return [patient.email]


class Nameless(ClinicAdapter):
    def display_name(self, patient: Any) -> str:
        return ""


class Generous(ClinicAdapter):
    """Lets anybody in."""

    def visible_patients(self, request: HttpRequest) -> Any:
        return self.patients()


class Leaky(ClinicAdapter):
    """Shows patients that it grants nothing on: its list is wider than its rights."""

    def visible_patients(self, request: HttpRequest) -> Any:
        return self.patients() if self.request_user(request) else self.patients().none()


class Contradictory(ClinicAdapter):
    """Grants rights on patients that it does not show."""

    def visible_patients(self, request: HttpRequest) -> Any:
        return self.patients().none()

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        return self.request_user(request) is not None


class Narrow(ClinicAdapter):
    """Its lists ask of nobody."""

    def patients_to_ask(self, request: HttpRequest, action: str) -> Any:
        return self.patients().none()


class Remembering(ClinicAdapter):
    """Still opens what the host has taken out of its list: it asks the table, not the list."""

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        staff = self._staff(request)
        if staff and patient and patient.archived:
            return True
        return super().can(request, action, patient)


class Trusting(ClinicAdapter):
    """Grants whatever it has never heard of."""

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        return super().can(request, action, patient) or (self._staff(request) is not None and action not in ACTIONS)


class Vague(ClinicAdapter):
    """Grants what is about a patient without asking whose."""

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        return super().can(request, action, patient) or (patient is None and action == "chart.view")

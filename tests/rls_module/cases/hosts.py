"""Hosts that answer access questions badly, and gates; each host differs from the clinic in one answer."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clinic.models import Patient
from clinic.rls import ClinicAdapter

HERE = "tests.rls_module.cases.hosts"
WORDS = "a second factor, please"

asked: list[str] = []  # what the gates below were asked; a test empties it first


class Confused(RuntimeError):
    """The host could not make up its mind."""


class Truthy(ClinicAdapter):
    """Says yes in every way but the one that counts."""

    answer: Any = 1

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> Any:
        return self.answer


class AlmostGrants(ClinicAdapter):
    """As the clinic, but says something else than yes to opening a chart in an emergency."""

    answer: Any = 1

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> Any:
        return self.answer if action == "patient.break_glass" else super().can(request, action, patient)


class Raising(ClinicAdapter):
    """Raises when asked what may be done."""

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> bool:
        raise Confused


class SeesNobody(ClinicAdapter):
    """Grants everything on nobody: an empty answer means no access, not no filter."""

    def visible_patients(self, request: HttpRequest) -> QuerySet[Patient]:
        return Patient.objects.none()

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> bool:
        return True


class SightRaises(ClinicAdapter):
    """Raises when asked who may be seen."""

    def visible_patients(self, request: HttpRequest) -> QuerySet[Patient]:
        raise Confused

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> bool:
        return True


class SeesAllMayNothing(ClinicAdapter):
    """Shows everybody in the list and lets nothing be done."""

    def visible_patients(self, request: HttpRequest) -> QuerySet[Patient]:
        return Patient.objects.all()

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> bool:
        return False


class LooksOnly(ClinicAdapter):
    """Lets everything be seen and nothing be done."""

    def can(self, request: HttpRequest, action: str, patient: Patient | None) -> bool:
        return action.endswith(".view") and super().can(request, action, patient)


def passes(request: HttpRequest, action: str) -> None:
    asked.append(action)


def says_true(request: HttpRequest, action: str) -> bool:
    asked.append(action)
    return True


def says_false(request: HttpRequest, action: str) -> bool:
    asked.append(action)
    return False


def raises(request: HttpRequest, action: str) -> None:
    asked.append(action)
    raise Confused


def asks_for_more(request: HttpRequest, action: str) -> HttpResponse:
    asked.append(action)
    return HttpResponse(WORDS, status=401)

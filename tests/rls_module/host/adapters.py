"""Hosts in small: adapters, a router, a gate and a decorator that settings of tests name by their dotted path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse

from clinic.rls import ClinicAdapter
from rls_module.host import HostAdapter

HERE = __name__


class OwnLoginWall(LoginRequiredMiddleware):
    """A host's own, that knows Django's exemption."""


class Nameless(HostAdapter):
    """Names no patient."""

    def visible_patients(self, request: HttpRequest) -> Any:
        return self.patients()

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        return True


class Ownerless(ClinicAdapter):
    """Has visits and does not say whose."""

    visit_patient_pk = HostAdapter.visit_patient_pk


class Closed(ClinicAdapter):
    """Leaves access at the plugin's default."""

    visible_patients = HostAdapter.visible_patients
    can = HostAdapter.can


class OnlyReads(ClinicAdapter):
    """Lets staff see what they see in the clinic, and do nothing."""

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        return action.endswith(".view") and super().can(request, action, patient)


class Tenantless(ClinicAdapter):
    """Serves a request that belongs to no tenant."""

    def request_scope(self, request: HttpRequest) -> str | None:
        return None


class Timeless(ClinicAdapter):
    """Books visits without knowing when they start."""

    def visit_start(self, visit: Any) -> None:
        return None


class CannotSay(ClinicAdapter):
    """Raises where it is asked who may do what."""

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        raise RuntimeError(patient.family)


class CannotList(ClinicAdapter):
    """Raises where it is asked for the patients."""

    def visible_patients(self, request: HttpRequest) -> Any:
        raise RuntimeError("no list today")


class Elsewhere:
    """A router that keeps the host's rows in a database of their own."""

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "elsewhere" if model._meta.app_label == "clinic" else None


def asks_first(request: HttpRequest, action: str) -> HttpResponse:
    """A gate that shows its own page first."""
    return HttpResponse("second factor, please", status=401)


def open_to_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator of a host."""
    return view


class NoCases(ClinicAdapter):
    """Lets staff screen and open no case."""

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        return action != "case.open" and super().can(request, action, patient)

"""Hosts that answer badly: adapters for RLS_MODULE["ADAPTER"], each unlike the clinic in one answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from zoneinfo import ZoneInfo

from clinic.models import Patient
from clinic.rls import ClinicAdapter

HERE = "tests.rls_module.followups.hosts"


class HostIsDown(RuntimeError):
    """The host could not answer."""


class AnyAddress(ClinicAdapter):
    """Gives every patient one address, whatever it looks like; the host's own column could not hold some of them."""

    address: str | None = ""

    def email(self, patient: Patient) -> str | None:
        return self.address


class Consents(ClinicAdapter):
    """Keeps consent itself."""

    answer: Any = None

    def consent(self, patient: Patient, purpose: str) -> bool | None:
        return self.answer


class NoAddressOf(ClinicAdapter):
    """Raises when asked for the address of one patient."""

    patient_pk: Any = None

    def email(self, patient: Patient) -> str | None:
        if patient.pk == self.patient_pk:
            raise HostIsDown
        return super().email(patient)


class NoZoneOf(ClinicAdapter):
    """Raises when asked for the zone of one patient, as the clinic does for a zone that does not exist."""

    patient_pk: Any = None

    def timezone(self, patient: Patient) -> ZoneInfo:
        if patient.pk == self.patient_pk:
            raise HostIsDown
        return super().timezone(patient)


@contextmanager
def _closed() -> Iterator[None]:
    raise HostIsDown
    yield


class OneScopeDown(ClinicAdapter):
    """Cannot enter the scope `down`."""

    down = "riverside"

    def scopes(self) -> Iterator[tuple[str, AbstractContextManager[None]]]:
        for scope, _ in super().scopes():
            yield scope, _closed() if scope == self.down else nullcontext()

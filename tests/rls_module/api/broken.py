"""An adapter that fails in the middle of an answer, with a patient's name in its words."""

from __future__ import annotations

from typing import Any

from clinic.rls import ClinicAdapter


class Broken(ClinicAdapter):
    def public_ref(self, patient: Any) -> str:
        raise RuntimeError(f"no reference for {patient.family}")

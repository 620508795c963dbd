"""The reference host's adapter with one right taken away from everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest

from clinic.rls import ClinicAdapter

_taken: set[str] = set()


class Narrower(ClinicAdapter):
    """Grants as the clinic does, but for what `without` has taken."""

    def can(self, request: HttpRequest, action: str, patient: Any) -> bool:
        return action not in _taken and super().can(request, action, patient)


@contextmanager
def without(action: str) -> Iterator[None]:
    """Take `action` from everybody."""
    _taken.add(action)
    try:
        yield
    finally:
        _taken.discard(action)

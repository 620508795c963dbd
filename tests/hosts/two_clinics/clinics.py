"""The two clinics, and in which of them the work at hand is. A label is the database's alias and the plugin's scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clinic:
    """What patients and links know of a clinic."""

    label: str
    domain: str
    name: str
    phone: str
    zone: str


CLINICS = {
    one.label: one
    for one in (
        Clinic("alpha", "alpha.example.test", "Harbour Physical Therapy", "555-0110", "America/New_York"),
        Clinic("beta", "beta.example.test", "Meadow Physical Therapy", "555-0120", "America/Denver"),
    )
}
_current: ContextVar[str | None] = ContextVar("clinic", default=None)


@contextmanager
def inside(label: str) -> Iterator[None]:
    """Work in one clinic: all rows are read from and written to its database."""
    token = _current.set(label)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str | None:
    """Return the label of the clinic that the work is in, or None."""
    return _current.get()


def of_domain(domain: str) -> str | None:
    """Return the label of the clinic that is reached under `domain`, or None."""
    return next((one.label for one in CLINICS.values() if one.domain == domain), None)

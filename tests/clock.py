"""The clinic's clock in tests that go through pages: RLS_MODULE["CLOCK"] = "tests.clock.now"."""

from __future__ import annotations

from datetime import UTC, datetime

_at: list[datetime] = []


def put(instant: datetime) -> None:
    """Let it be `instant` (aware) from now on."""
    _at[:] = [instant]


def now() -> datetime:
    """The instant that was put, else the real time."""
    return _at[0] if _at else datetime.now(UTC)


def clear() -> None:
    """Let it be the real time again."""
    _at.clear()

"""What time it is while the demo's history is written: the clock stands there, and so do the dates of its mails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

_MOMENT: ContextVar[datetime | None] = ContextVar("demo_moment", default=None)


def moment() -> datetime | None:
    """Return the moment of the past that is being told in this thread, or None: it is now."""
    return _MOMENT.get()


@contextmanager
def standing_at(at: datetime) -> Iterator[None]:
    """Have the demo's clock stand at `at` in this thread."""
    token = _MOMENT.set(at)
    try:
        yield
    finally:
        _MOMENT.reset(token)

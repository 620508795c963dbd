"""One line of the doctor's report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["ok", "warning", "failure"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands, in words that name nobody; the hint says what to do."""

    id: str
    level: Level
    message: str
    hint: str = ""


def ok(name: str, message: str) -> Finding:
    """Return that all is well."""
    return Finding(name, "ok", message)


def warning(name: str, message: str, hint: str) -> Finding:
    """Return what may be meant, and should be known."""
    return Finding(name, "warning", message, hint)


def failure(name: str, message: str, hint: str) -> Finding:
    """Return what must be put right."""
    return Finding(name, "failure", message, hint)


def judged(name: str, *, good: bool, message: str, hint: str, level: Level = "failure") -> Finding:
    """Return ok where `good`, else `level`."""
    return Finding(name, "ok", message) if good else Finding(name, level, message, hint)


def guarded(name: str, look: Callable[..., Iterator[Finding]], *given: Any) -> Iterator[Finding]:
    """Yield what `look` finds; one that raises is a failure that tells its kind alone: its words may hold a patient."""
    try:
        yield from look(*given)
    except Exception as error:  # noqa: BLE001
        hint = "Run the check that failed by itself in a shell of the host to see more."
        yield failure(name, f"it raised {type(error).__name__}", hint)

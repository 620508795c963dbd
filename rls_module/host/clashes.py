"""Two answers of which one can stand: what was stored meanwhile, and what was typed. See partials/clashes.html."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

STORED, TYPED = "stored", "typed"
_SHOWN, _CHOICE = "clash", "keep."


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that was answered twice; both in words, neither chosen."""

    name: str
    text: str
    stored: str
    typed: str

    @property
    def field(self) -> str:
        """The name of the field that says which of the two stands."""
        return f"{_CHOICE}{self.name}"

    @property
    def id(self) -> str:
        """The id of its first choice."""
        return id_of(self.name)


def chosen(data: Mapping[str, Any] | None) -> dict[str, str]:
    """Return which of two stands, name -> STORED, TYPED, or "" where a page showed both and nobody has said."""
    sent = data or {}
    choices = {name: str(sent.get(f"{_CHOICE}{name}", "")) for name in several(sent, _SHOWN)}
    return {name: choice if choice in (STORED, TYPED) else "" for name, choice in choices.items()}


def id_of(name: str) -> str:
    """Return where an error summary leads for what nobody has decided."""
    return f"id_{_CHOICE}{name}"


def several(data: Mapping[str, Any], name: str) -> list[str]:
    """Return every value that was sent under one name."""
    values: Iterable[Any] = data.getlist(name) if isinstance(data, QueryDict) else data.get(name, ())
    return [str(value) for value in values]

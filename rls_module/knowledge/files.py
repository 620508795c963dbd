"""Reading knowledge files strictly: TOML in, frozen values out, every mistake named by file, place and reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

ROOT = Path(__file__).parent
KEY_PATTERN = r"^[a-zA-Z][a-zA-Z0-9_]*$"
IMPORTED = "x-"  # begins the key of an instrument that a clinic brought in; nothing shipped has such a key
INSTRUMENT_KEY_PATTERN = rf"^({IMPORTED})?[a-zA-Z][a-zA-Z0-9_]*$"

Shape = TypeVar("Shape", bound=BaseModel)


class Frozen(BaseModel):
    """A value read from a knowledge file: it cannot change, knows every key it may have and converts nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class KnowledgeProblem:
    """One mistake in a knowledge file: which file, where in it, and the reason in words."""

    file: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path or 'whole file'}: {self.reason}"


class KnowledgeError(ValueError):
    """A knowledge file that must not be used; `file`, `path` and `reason` say which, where and why."""

    def __init__(self, file: str, path: str, reason: str) -> None:
        self.problem = KnowledgeProblem(file, path, reason)
        super().__init__(str(self.problem))

    @property
    def file(self) -> str:
        """Name of the file that holds the mistake."""
        return self.problem.file

    @property
    def path(self) -> str:
        """Place inside the file, such as `items.worst.show_if.item`; empty for the whole file."""
        return self.problem.path

    @property
    def reason(self) -> str:
        """What is wrong, in words."""
        return self.problem.reason


def read_toml(path: Path) -> dict[str, object]:
    """Return the table in a TOML file with arrays as tuples; raises KnowledgeError if it cannot be read."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KnowledgeError(path.name, "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KnowledgeError(path.name, "", f"is not UTF-8 text: {error.reason} at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(path.name, "", f"is not valid TOML: {error}") from error
    return {key: frozen(value) for key, value in raw.items()}


def frozen(value: object) -> object:
    """Return the value with every list in it, at any depth, turned into a tuple."""
    match value:
        case list() | tuple():
            return tuple(frozen(entry) for entry in value)
        case dict():
            return {key: frozen(entry) for key, entry in value.items()}
        case _:
            return value


def shaped(model: type[Shape], raw: Mapping[str, object], *, file: str) -> Shape:
    """Return the table as a typed value; the first mistake is raised as KnowledgeError with its place in the file."""
    try:
        return model.model_validate(frozen(dict(raw)))
    except ValidationError as error:
        first = error.errors()[0]
        raise KnowledgeError(file, _place(first["loc"], raw), _words(first["type"], first["msg"])) from error


def _place(loc: tuple[int | str, ...], raw: object) -> str:
    """Write a place as `items.worst.kind`: an entry of an array goes by its own key, or by its position."""
    steps: list[str] = []
    here = raw
    for step in loc:
        if isinstance(step, str) and step in _UNION_ARMS:
            continue
        if isinstance(step, str):
            here = here.get(step) if isinstance(here, dict) else None
            steps.append(step)
        else:
            here = here[step] if isinstance(here, list | tuple) and step < len(here) else None
            steps.append(_name(here) or str(step))
    return ".".join(steps)


def _name(entry: object) -> str:
    return str(entry.get("key") or entry.get("step") or entry.get("linkId") or "") if isinstance(entry, dict) else ""


_UNION_ARMS = frozenset({"str", "int"})  # pydantic adds the tried type of a union to the place

_REASONS = {"extra_forbidden": "is not a known key here", "missing": "is missing"}


def _words(kind: str, message: str) -> str:
    if kind in _REASONS:
        return _REASONS[kind]
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def repeated(keys: Iterable[str]) -> str | None:
    """Return the first key that comes up twice, or None."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None

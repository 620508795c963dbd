"""Shipped protocols by key, checked before they are used."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from rls_module.knowledge.files import KnowledgeError, read_toml, shaped
from rls_module.knowledge.protocols.definition import ProtocolDefinition

DATA = Path(__file__).parent / "data"
_NAME = re.compile(r"(?P<key>\w+)\.v(?P<version>\d+)\.toml")


@cache
def shipped(key: str, version: int | None = None) -> ProtocolDefinition:
    """Return a shipped protocol, its newest version unless one is named.

    Raises KeyError if there is none, KnowledgeError if its file holds a mistake.
    """
    versions = _shipped().get(key, ())
    chosen = max(versions, default=None) if version is None else version
    if chosen is None or chosen not in versions:
        raise KeyError(f"no shipped protocol {key!r}" + (f" version {version}" if version is not None else ""))
    return load(DATA / f"{key}.v{chosen}.toml")


def shipped_keys() -> tuple[str, ...]:
    """Return the keys of all shipped protocols, in alphabetical order."""
    return tuple(sorted(_shipped()))


def load(path: Path) -> ProtocolDefinition:
    """Return the protocol in a file; raises KnowledgeError(file, path, reason) for the first mistake."""
    protocol = shaped(ProtocolDefinition, read_toml(path), file=path.name)
    if path.name != f"{protocol.key}.v{protocol.version}.toml":
        raise KnowledgeError(path.name, "", f"holds what belongs into {protocol.key}.v{protocol.version}.toml")
    return protocol


@cache
def _shipped() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for path in DATA.glob("*.toml"):
        if match := _NAME.fullmatch(path.name):
            found[match["key"]] = (*found.get(match["key"], ()), int(match["version"]))
    return found

"""An instrument as a table keeps it: plain JSON with a hash over it, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from rls_module.knowledge.files import KnowledgeError
from rls_module.knowledge.instruments.definition import Instrument, Structure


def structure_of(instrument: Instrument) -> dict[str, Any]:
    """Return everything but the words as plain JSON."""
    return instrument.model_dump(mode="json", include=set(Structure.model_fields))


def wording_of(instrument: Instrument) -> dict[str, Any]:
    """Return the words by language as plain JSON."""
    return {language: wording.model_dump(mode="json") for language, wording in instrument.wording.items()}


def hash_of(structure: Mapping[str, Any], wording: Mapping[str, Any]) -> str:
    """Return the SHA-256 of both, whatever order a database gave their keys."""
    text = json.dumps([structure, wording], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def restored(
    structure: Mapping[str, Any], wording: Mapping[str, Any], *, content_hash: str, is_licensed: bool
) -> Instrument:
    """Return the instrument that was kept; raises KnowledgeError where it is not what was imported any more."""
    if hash_of(structure, wording) != content_hash:
        name = f"{structure.get('key')}.v{structure.get('version')}"
        raise KnowledgeError(name, "", "is not what was imported: its hash differs")
    table = {**structure, "wording": wording, "is_licensed": is_licensed}
    return Instrument.model_validate_json(json.dumps(table))

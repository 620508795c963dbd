"""FHIR's identifiers as keys: letters, digits and _, a letter first. What fits already stays as it is."""

from __future__ import annotations

import re

_FIT = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
_OPTION_FIT = re.compile(r"[A-Za-z0-9_-]+")
_OTHER = re.compile(r"[^A-Za-z0-9_]+")


def slug(text: str) -> str:
    """Return `text` in small letters, digits and _; it may come out empty."""
    return _OTHER.sub("_", text).strip("_").lower()


def item_key(link_id: str) -> str:
    """Return the key of an item: `1.2` becomes `q1_2`."""
    return link_id if _FIT.fullmatch(link_id) else f"q{_OTHER.sub('_', link_id).strip('_')}"


def option_key(code: str) -> str:
    """Return the key of an option: a code as it is where it fits, else without what does not."""
    return code if _OPTION_FIT.fullmatch(code) else _OTHER.sub("_", code).strip("_")

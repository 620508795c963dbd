"""FHIR's values as they are kept here."""

from __future__ import annotations

import re

from rls_module.knowledge.instruments import entries

_WHOLE_MINUTE = re.compile(r"(.*\d\d:\d\d):00(?:\.0+)?", re.ASCII)


class Unsaid(ValueError):
    """A value that has no counterpart; its words say why."""


def moment(kind: str, text: str) -> str:
    """Return a day, an hour or both as they are kept, to the minute and by the patient's own clock; raises Unsaid."""
    whole = found[1] if (found := _WHOLE_MINUTE.fullmatch(text)) else text
    if not entries.is_moment(kind, whole):
        raise Unsaid(f"names {text[:40]!r}, which is no whole {kind} without seconds and zone")
    return whole

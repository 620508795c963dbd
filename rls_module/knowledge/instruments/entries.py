"""What is typed into a box that is no free text: numbers, days, hours, addresses. As they are stored, and read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

LARGEST = 10**9  # of any number
_NUMBER = re.compile(r"[-+]?\d{1,10}([.,]\d{1,9})?", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?[^\s<>\"/][^\s<>\"]*", re.ASCII)
_MOMENTS: Mapping[str, tuple[type[date] | type[time], re.Pattern[str]]] = {
    "date": (date, re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)),
    "time": (time, re.compile(r"\d\d:\d\d", re.ASCII)),
    "moment": (datetime, re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)),
}


def number(text: str) -> int | float | None:
    """Return the number that was typed, with a point or a comma; None where it is none. A whole one is an int."""
    if not _NUMBER.fullmatch(text):
        return None
    found = float(text.replace(",", "."))
    return int(found) if found.is_integer() else found


def is_moment(kind: str, text: str) -> bool:
    """Say whether a text is a day (2026-03-01), an hour (22:30) or both (2026-03-01T22:30) as they are stored."""
    shape, pattern = _MOMENTS[kind]
    try:
        return bool(pattern.fullmatch(text) and shape.fromisoformat(text))
    except ValueError:
        return False


def is_address(text: str) -> bool:
    """Say whether a text is an address with its scheme, as https://example.org; it is shown and never followed."""
    return bool(_ADDRESS.fullmatch(text))

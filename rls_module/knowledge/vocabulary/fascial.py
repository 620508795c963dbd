"""Names of fascial points by their grammar: `er-pe`, `ER PE dx`, `an-la cl`. Places and pictures are not in here.

The codes are those of published case reports on Fascial Manipulation (Stecco); where a point lies stands in its books.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

Side = Literal["", "L", "R", "B"]
Kind = Literal["cc", "cf"]
Doubt = Literal["", "posterior_unusual"]

# Head to foot, as sequences are read; caput has three points of its own.
SEGMENTS = ("cp", "cl", "th", "lu", "pv", "sc", "hu", "cu", "ca", "di", "cx", "ge", "ta", "pe")
_HEAD = ("cp1", "cp2", "cp3")
_TRUNK = frozenset({*_HEAD, "cp", "cl", "th", "lu", "pv"})
DIRECTIONS = ("an", "re", "la", "me", "ir", "er")
DIAGONALS = ("an-la", "an-me", "re-la", "re-me")
# What restless legs are usually felt in and between: feet, legs, pelvis, low back (project design).
DEFAULT_SEGMENTS = ("pe", "ta", "ge", "cx", "pv", "lu")

_SIDES: dict[str, Side] = {
    **dict.fromkeys(("dx", "rt", "right"), "R"),
    **dict.fromkeys(("sx", "lt", "lf", "l", "left"), "L"),
    **dict.fromkeys(("bi", "b", "both", "bilat"), "B"),
}  # fmt: skip
_ALIASES = {"pes": "pe", "talus": "ta", "genu": "ge", "coxa": "cx", "pelvis": "pv", "lumbi": "lu", "thorax": "th"}

_NAMES: dict[str, dict[str, str]] = {
    "en": {
        "an": "antemotion", "re": "retromotion", "la": "lateromotion", "me": "mediomotion",
        "ir": "intrarotation", "er": "extrarotation",
        "cp": "head", "cl": "neck", "th": "thorax", "lu": "low back", "pv": "pelvis", "sc": "shoulder girdle",
        "hu": "shoulder", "cu": "elbow", "ca": "wrist", "di": "fingers", "cx": "hip", "ge": "knee", "ta": "ankle",
        "pe": "foot", "posterior": "posterior",
    },
    "es": {
        "an": "antemoción", "re": "retromoción", "la": "lateromoción", "me": "mediomoción",
        "ir": "intrarrotación", "er": "extrarrotación",
        "cp": "cabeza", "cl": "cuello", "th": "tórax", "lu": "zona lumbar", "pv": "pelvis", "sc": "cintura escapular",
        "hu": "hombro", "cu": "codo", "ca": "muñeca", "di": "dedos", "cx": "cadera", "ge": "rodilla", "ta": "tobillo",
        "pe": "pie", "posterior": "posterior",
    },
}  # fmt: skip
_GRADE = re.compile(r"\*+$")
_MOST_STARS = 3


@dataclass(frozen=True, slots=True)
class FascialPoint:
    """One point as read: its canonical key, its kind, what was typed for side and asterisks, and a warning if odd."""

    key: str
    kind: Kind
    directions: tuple[str, ...]
    segment: str
    side: Side = ""
    grade: int | None = None
    warning: Doubt = ""


class NotAPoint(ValueError):
    """What was typed follows no rule of the codes; `near` are the closest ones that do."""

    def __init__(self, near: tuple[str, ...]) -> None:
        super().__init__("not the code of a fascial point")
        self.near = near


def parse(text: str) -> FascialPoint:
    """Return the point that was typed; raises NotAPoint with near codes.

    Space and hyphen are equal; capitals do not matter; dx and rt are right, sx, lt and lf left, bi both; `pes` is
    `pe`; up to three asterisks at the end are the grade. A bare trailing r is the posterior variant, never "right".
    Source: domain reference 6.2, from published case reports.
    """
    plain = text.strip().lower()
    stars = _GRADE.search(plain)
    grade = len(stars.group()) if stars else None
    parts, side = _parts(_GRADE.sub("", plain))
    if grade is not None and grade > _MOST_STARS:
        raise NotAPoint(_near(parts))
    match parts:
        case [direction, segment] if (direction, segment) in _centres():
            return FascialPoint(f"{direction}-{segment}", "cc", (direction,), segment, side, grade)
        case [direction, segment, "r"] if (direction, segment) in _centres():
            is_usual = direction == "me" and segment in _TRUNK
            warning: Doubt = "" if is_usual else "posterior_unusual"
            return FascialPoint(f"{direction}-{segment} r", "cc", (direction,), segment, side, grade, warning)
        case [first, second, segment] if f"{first}-{second}" in DIAGONALS and _fusion_segment(segment):
            return FascialPoint(f"{first}-{second}-{segment}", "cf", (first, second), segment, side, grade)
        case _:
            raise NotAPoint(_near(parts))


def begun(text: str, *, limit: int = 8) -> list[FascialPoint]:
    """Return the points whose code begins as typed, those that are offered first before the others.

    A code typed in full is the first, with its side and grade. Nothing for a text that begins no code.
    """
    try:
        whole = [parse(text)]
    except NotAPoint:
        whole = []
    parts, side = _parts(text.strip().lower())
    typed = "-".join(parts)
    if len(typed) < 2 or parts[0] not in DIRECTIONS:  # noqa: PLR2004  a direction comes first
        return whole
    known = {one.key for one in whole}
    keys = dict.fromkeys(
        key for key in (*default_points(), *all_points()) if key.startswith(typed) and key not in known
    )
    return [*whole, *(replace(parse(key), side=side) for key in keys)][:limit]


@cache
def all_points() -> tuple[str, ...]:
    """Return the key of every centre of coordination (96) and of every centre of fusion without number (56)."""
    centres = tuple(f"{direction}-{segment}" for direction, segment in _centres())
    return centres + tuple(f"{diagonal}-{segment}" for segment in SEGMENTS for diagonal in DIAGONALS)


def default_points() -> tuple[str, ...]:
    """Return the points that are offered first: all directions and diagonals from the foot to the low back."""
    return tuple(f"{direction}-{segment}" for segment in DEFAULT_SEGMENTS for direction in (*DIRECTIONS, *DIAGONALS))


def name(key: str, language: str) -> str:
    """Return a point's code in words, "extrarotation, foot"; raises NotAPoint for what is no code."""
    point = parse(key)
    words = _NAMES.get(language.replace("_", "-").partition("-")[0], _NAMES["en"])
    motion = "-".join(words[direction] for direction in point.directions)
    base = point.segment.rstrip("123")
    number = point.segment.removeprefix(base)
    place = words[base] + (f" {number}" if number else "")
    return f"{motion}, {place}" + (f", {words['posterior']}" if point.key.endswith(" r") else "")


@cache
def _centres() -> dict[tuple[str, str], None]:
    segments = (*_HEAD, *(segment for segment in SEGMENTS if segment != "cp"))
    return {(direction, segment): None for segment in segments for direction in DIRECTIONS}


def _parts(plain: str) -> tuple[list[str], Side]:
    """Return the parts of a code, and the side that was typed behind it."""
    parts = [_ALIASES.get(part, part) for part in re.split(r"[\s\-–_]+", plain.strip()) if part]
    side: Side = ""
    if len(parts) > 2 and parts[-1] in _SIDES:  # noqa: PLR2004  a direction and a segment come first
        side = _SIDES[parts.pop()]
    return parts, side


def _fusion_segment(segment: str) -> bool:
    return segment in SEGMENTS or (segment[:-1] in SEGMENTS and segment[-1] in "123")


def _near(parts: list[str]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches("-".join(parts[:3]), all_points(), n=3, cutoff=0.6))

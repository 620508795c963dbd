"""The body chart as its template draws it: figures, what can be picked in them, and marks in words and shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rls_module.assessment.models import Finding
from rls_module.knowledge.vocabulary import body_chart, loading, places
from rls_module.knowledge.vocabulary.definition import BodyView

_CIRCLE = "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0z"
_SQUARE = "M-5.5,-5.5h11v11h-11z"
_TRIANGLE = "M0,-7L6.5,5.5H-6.5z"
_DIAMOND = "M0,-7.5L7.5,0L0,7.5L-7.5,0z"
_CROSS = "M-2,-6.5h4v4.5h4.5v4h-4.5v4.5h-4v-4.5h-4.5v-4h4.5z"
SHAPES = {
    Finding.Kind.TRIGGER_POINT: ("circle", _CIRCLE),
    Finding.Kind.DENSE: ("square", _SQUARE),
    Finding.Kind.MOVEMENT: ("triangle", _TRIANGLE),
    **dict.fromkeys(
        (Finding.Kind.URGE, Finding.Kind.PAIN, Finding.Kind.TINGLING, Finding.Kind.NUMB, Finding.Kind.CRAMP),
        ("diamond", _DIAMOND),
    ),
}
OTHER_SHAPE = ("cross", _CROSS)


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """A finding on the figure; what it says stands in its title."""

    x: float
    y: float
    scale: float
    look: str
    path: str
    is_earlier: bool
    words: str


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """One view."""

    key: str
    name: str
    said: str
    width: int
    height: int
    sides: tuple[str, ...]
    outlines: tuple[str, ...]
    regions: SafeString  # polygons that never change: drawn once for each language
    marks: tuple[DrawnMark, ...]


def drawn(now: Iterable[Finding], earlier: Iterable[Finding], language: str) -> list[DrawnFigure]:
    """Return the figures with the marks of these findings; earlier ones are ghosts."""
    found = [*(_found(one, is_earlier=True) for one in earlier), *(_found(one) for one in now)]
    return [_figure(one, body_chart.marks(one, found), language) for one in body_chart.figures()]


def legend() -> list[tuple[str, str, str]]:
    """Return the looks of marks with their shapes and the kinds of finding they stand for."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for kind in Finding.Kind:
        kinds.setdefault(SHAPES.get(kind, OTHER_SHAPE), []).append(str(kind.label))
    return [(look, path, ", ".join(names)) for (look, path), names in kinds.items()]


def _found(row: Finding, *, is_earlier: bool = False) -> body_chart.Found:
    return body_chart.Found(row.place_kind, row.place, row.side, row.kind, row.grade, is_earlier)


def _figure(figure: body_chart.Figure, marks: list[body_chart.Mark], language: str) -> DrawnFigure:
    view = figure.view
    count = sum(not one.found.is_earlier for one in marks)
    name = view.spanish if language == "es" else view.english
    marked = ngettext("%(count)d mark", "%(count)d marks", count) % {"count": count}
    return DrawnFigure(
        key=view.key,
        name=name,
        said=f"{name}: {marked}",
        width=view.width,
        height=view.height,
        sides=_sides(view),
        outlines=figure.outlines,
        regions=_regions(figure, language),
        marks=tuple(_mark(one, language) for one in marks),
    )


def _sides(view: BodyView) -> tuple[str, ...]:
    """What stands on the left and the right of the picture; nothing for a figure that shows one side."""
    if view.key.endswith("_side"):
        return ()
    return (_("left"), _("right")) if view.left_of_picture == "L" else (_("right"), _("left"))


@lru_cache(maxsize=64)
def _regions(figure: body_chart.Figure, language: str) -> SafeString:
    """Return what can be picked in a figure: polygons that say what is typed for them and what they are called."""
    return format_html_join(
        "\n",
        '<polygon class="spot" points="{}" data-place="{}" data-name="{}"></polygon>',
        ((spot.points, *_called(spot, language)) for spot in figure.spots),
    )


def _called(spot: body_chart.Spot, language: str) -> tuple[str, str]:
    region = next(one for one in loading.regions() if one.key == spot.region)
    name = region.spanish if language == "es" else region.english
    side = {"L": _("left"), "R": _("right")}.get(spot.side, "")
    typed = name if spot.side == "M" and region.sides == ("M",) else f"{name} {spot.side}"
    return typed, ", ".join(filter(None, (name, side)))


def _mark(mark: body_chart.Mark, language: str) -> DrawnMark:
    found = mark.found
    look, path = SHAPES.get(found.kind, OTHER_SHAPE)  # type: ignore[call-overload]
    place = f"{places.in_words(found.place_kind, found.place, language)} {found.side}".strip()
    words = f"{place}: {Finding.Kind(found.kind).label}"
    words += f" {found.grade}" if found.grade is not None else ""
    words = _("last time: %(found)s") % {"found": words} if found.is_earlier else words
    return DrawnMark(mark.at.x, mark.at.y, round(mark.radius / 6, 2), look, path, found.is_earlier, words)

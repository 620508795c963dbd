"""The body chart as geometry: which places a figure shows, and where the marks of findings stand on it. Pure.

A mark stands in the region that a place belongs to, never at the place itself: a chart of this size can't say more, and
where fascial points lie stands in their own literature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rls_module.knowledge.vocabulary import fascial, loading
from rls_module.knowledge.vocabulary.definition import BodyShape, BodyView, Side

LEAST_TARGET = 24  # pixels either way that a finger or a pointer needs
_STEP = 13  # between marks of one place
_RADIUS = {None: 6.0, 0: 4.0, 1: 5.0, 2: 6.5, 3: 8.0}

# The region that a muscle of a group, or a fascial segment, is drawn in (project design).
_OF_GROUP = {
    "foot": "arch_sole",
    "leg_front": "shin",
    "leg_back": "calf",
    "thigh_front": "thigh_front",
    "thigh_medial": "thigh_inner",
    "thigh_back": "thigh_back",
    "hip_buttock": "buttock",
    "pelvis": "pelvis_groin",
    "lumbar_trunk": "low_back",
    "abdomen": "abdomen",
    "thorax_back": "upper_back",
    "upper_limb": "upper_arm",
}
_OF_SEGMENT = {
    "cp": "head_neck", "cl": "head_neck", "th": "chest", "lu": "low_back", "pv": "pelvis_groin", "sc": "shoulder",
    "hu": "upper_arm", "cu": "elbow", "ca": "wrist_hand", "di": "wrist_hand", "cx": "hip", "ge": "knee_front",
    "ta": "shin", "pe": "foot_top",
}  # fmt: skip
_BEHIND = {"th": "upper_back", "pv": "buttock", "cx": "thigh_back", "ge": "knee_back", "ta": "calf", "pe": "arch_sole"}
_IN_FRONT = {"lu": "abdomen", "cx": "thigh_front"}


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a view, in its pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spot:
    """One region of one side in a view: what can be picked, as a polygon."""

    region: str
    side: Side
    corners: tuple[Point, ...]

    @property
    def points(self) -> str:
        """The polygon as SVG writes it."""
        return _written(self.corners)

    @property
    def centre(self) -> Point:
        """The middle of what the region takes up."""
        xs, ys = [one.x for one in self.corners], [one.y for one in self.corners]
        return Point((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)


@dataclass(frozen=True, slots=True)
class Figure:
    """One view with all that can be picked in it, and the outlines that can't."""

    view: BodyView
    spots: tuple[Spot, ...]
    outlines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a mark stands for: a place with its side, the kind of finding, its grade (0 to 3), whether it is earlier."""

    place_kind: str
    place: str
    side: str
    kind: str
    grade: int | None = None
    is_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark in a view: where, how large, and of what."""

    at: Point
    radius: float
    found: Found


@cache
def figures() -> tuple[Figure, ...]:
    """Return the figures in the order of the chart."""
    chart = loading.body_chart()
    return tuple(
        Figure(
            view,
            tuple(spot for shape in chart.shapes if _is_in(shape.view, view) for spot in _spots(shape, view)),
            tuple(
                _written(_placed(one.points, view, is_mirrored=view.key == "left_side"))
                for one in chart.outlines
                if _is_in(one.view, view)
            ),
        )
        for view in chart.views
    )


def region_of(place_kind: str, place: str) -> str:
    """Return the region that a muscle, a fascial point or a region is drawn in.

    Raises KeyError for a muscle that there is none of, fascial.NotAPoint for what is no point.
    """
    if place_kind == "muscle":
        return _OF_GROUP[loading.muscle(place).region]
    if place_kind == "point":
        point = fascial.parse(place)
        segment, direction = point.segment.rstrip("123"), point.directions[0]
        aside = _BEHIND if direction == "re" else _IN_FRONT if direction == "an" else {}
        return aside.get(segment, _OF_SEGMENT[segment])
    return place


def marks(figure: Figure, found: Iterable[Found]) -> list[Mark]:
    """Return the marks of one figure, those of one region side by side; earlier ones first, so that they lie below."""
    by_spot: dict[Spot, list[Found]] = defaultdict(list)
    for one in sorted(found, key=lambda one: not one.is_earlier):
        for spot in _where(figure, one):
            by_spot[spot].append(one)
    return [
        Mark(Point(spot.centre.x + _STEP * (number - (len(rows) - 1) / 2), spot.centre.y), _RADIUS[one.grade], one)
        for spot, rows in by_spot.items()
        for number, one in enumerate(rows)
    ]


def _where(figure: Figure, one: Found) -> list[Spot]:
    """Both sides where both or none was named; what lies in the middle where a side is not drawn apart."""
    region = region_of(one.place_kind, one.place)
    spots = [spot for spot in figure.spots if spot.region == region]
    named = ("L", "R") if one.side in ("", "B") else (one.side,)
    return [spot for spot in spots if spot.side in named] or [spot for spot in spots if "M" in (spot.side, one.side)]


def _is_in(drawn: str, view: BodyView) -> bool:
    return drawn == view.key or (drawn == "side" and view.key.endswith("_side"))


def _spots(shape: BodyShape, view: BodyView) -> list[Spot]:
    if shape.middle:
        return [Spot(shape.region, "M", _placed(shape.points, view))]
    if shape.view == "side":
        corners = _placed(shape.points, view, is_mirrored=view.key == "left_side")
        return [Spot(shape.region, view.left_of_picture, corners)]
    other: Side = "L" if view.left_of_picture == "R" else "R"
    return [
        Spot(shape.region, view.left_of_picture, _placed(shape.points, view)),
        Spot(shape.region, other, _placed(shape.points, view, is_mirrored=True)),
    ]


def _placed(points: str, view: BodyView, *, is_mirrored: bool = False) -> tuple[Point, ...]:
    corners = (Point(*map(float, pair.split(","))) for pair in points.split())
    return tuple(Point(view.width - one.x, one.y) if is_mirrored else one for one in corners)


def _written(corners: Iterable[Point]) -> str:
    return " ".join(f"{one.x:g},{one.y:g}" for one in corners)

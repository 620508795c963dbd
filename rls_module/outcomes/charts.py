"""Geometry of a trend: from dates and values to the coordinates of an SVG. Pure; draws nothing by itself.

Time runs along x, the scale's full range along y. A missing answer is a gap: nothing is interpolated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 248
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 612, 26, 180
KINDS = ("needling", "fascial", "exercise")
TICK_TOP, TICK_HEIGHT, TICK_STEP = 186, 9, 12
LABEL_Y = 240


@dataclass(frozen=True, slots=True)
class Mark:
    """One time of asking: its day, the value or None where it was not answered, and what stands under it."""

    on: date
    value: float | None
    label: str
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """One day of treatment of one kind: "needling", "fascial" or "exercise"."""

    on: date
    kind: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A tick as drawn: each kind has a line of its own under the axis."""

    x: float
    top: float
    bottom: float
    kind: str


@dataclass(frozen=True, slots=True)
class Marker:
    """Something else that changed on a day, as drawn; its number leads to the words under the picture."""

    x: float
    number: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A value as drawn; `text_y` keeps its number clear of the line."""

    x: float
    y: float
    text_y: float
    text: str
    derived: bool


@dataclass(frozen=True, slots=True)
class Label:
    """Words under a time of asking; `anchor` keeps them inside the picture."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Trend:
    """All coordinates of one trend, in the units of its view box."""

    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    gaps: tuple[float, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Stroke, ...]
    markers: tuple[Marker, ...]
    goal_y: float | None
    top: float = _TOP
    bottom: float = _BOTTOM
    left: float = _LEFT
    right: float = _RIGHT
    top_text: str = ""
    bottom_text: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of treatment that have a tick, for the legend."""
        return tuple(kind for kind in KINDS if any(tick.kind == kind for tick in self.ticks))


def trend(
    marks: Sequence[Mark],
    *,
    low: float,
    high: float,
    goal: float | None,
    ticks: Sequence[Tick] = (),
    changes: Sequence[date] = (),
) -> Trend:
    """Return the geometry of `marks` (in the order of their days) on a scale from `low` to `high`.

    `goal` is the value from which a change counts; `ticks` are days of treatment; `changes` are days on which something
    else changed, in order. Raises ValueError without a mark.
    """
    if not marks:
        raise ValueError("a trend needs at least one time of asking")
    days = [mark.on for mark in marks] + [tick.on for tick in ticks] + list(changes)
    first, last = min(days), max(days)

    def x(on: date) -> float:
        span = (last - first).days
        share = (on - first).days / span if span else 0.0
        return round(_LEFT + 24 + share * (_RIGHT - _LEFT - 48), 1)

    def y(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)

    answered = [(x(mark.on), y(mark.value), mark) for mark in marks if mark.value is not None]
    return Trend(
        lines=tuple(" ".join(f"{x(mark.on)},{y(mark.value or 0)}" for mark in run) for run in _runs(marks)),
        dots=tuple(
            Dot(at, height, height - 12 if height > _TOP + 14 else height + 22, f"{mark.value:g}", mark.derived)
            for at, height, mark in answered
        ),
        gaps=tuple(x(mark.on) for mark in marks if mark.value is None),
        labels=tuple(Label(x(mark.on), mark.label, _anchor(x(mark.on))) for mark in marks),
        ticks=tuple(_stroke(x(tick.on), tick.kind) for tick in ticks),
        markers=tuple(Marker(x(on), number) for number, on in enumerate(changes, 1)),
        goal_y=y(goal) if goal is not None and low <= goal <= high else None,
        top_text=f"{high:g}",
        bottom_text=f"{low:g}",
    )


def _stroke(x: float, kind: str) -> Stroke:
    top = TICK_TOP + TICK_STEP * KINDS.index(kind)
    return Stroke(x, top, top + TICK_HEIGHT, kind)


def _runs(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """Yield the stretches of answered marks that a line may join: two or more, with no gap between them."""
    run: list[Mark] = []
    for mark in marks:
        if mark.value is not None:
            run.append(mark)
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _anchor(x: float) -> str:
    if x < _LEFT + 60:
        return "start"
    return "end" if x > _RIGHT - 60 else "middle"

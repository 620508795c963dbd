"""What a change is worth: the difference from the baseline, held against the measure's own threshold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Verdict = Literal["better", "worse", "little", "watch"]

_DAY = 24 * 60
_HALF_DAY = _DAY // 2


class MeasureLike(Protocol):
    """What the arithmetic needs to know of a measure; differences are in its own unit."""

    @property
    def better(self) -> str:
        """One of lower, higher, later, fewer."""

    @property
    def unit(self) -> str:
        """`clock` values are minutes after midnight."""

    @property
    def counts_from(self) -> float | None:
        """A change this large counts."""

    @property
    def counts_from_each(self) -> float | None:
        """The same for one subject of a repeated item."""

    @property
    def watch_from(self) -> float | None:
        """This far the wrong way is watched."""


@dataclass(frozen=True, slots=True)
class Change:
    """Follow-up minus baseline. `verdict` is None where the measure has no threshold to count from."""

    delta: float
    verdict: Verdict | None
    counts_from: float | None


def change(measure: MeasureLike, *, before: float, now: float, is_single_subject: bool = False) -> Change:
    """Return how `now` differs from `before`, and whether that counts.

    A clock's difference is the shorter way round: from 22:00 to 01:00 is 180 minutes later. "watch" is a worsening that
    the measure watches from a larger difference than it counts a gain from. Source: each measure's own.
    """
    delta = _minutes_later(before, now) if measure.unit == "clock" else now - before
    threshold = (measure.counts_from_each if is_single_subject else None) or measure.counts_from
    if threshold is None:
        return Change(delta, None, None)
    gain = delta if measure.better in ("higher", "later") else -delta
    if gain >= threshold:
        return Change(delta, "better", threshold)
    if measure.watch_from is not None:
        return Change(delta, "watch" if -gain >= measure.watch_from else "little", threshold)
    return Change(delta, "worse" if -gain >= threshold else "little", threshold)


def _minutes_later(before: float, now: float) -> float:
    return (now - before + _HALF_DAY) % _DAY - _HALF_DAY

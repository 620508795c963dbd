"""What is done in one visit, as typed rows with minutes that add up: needles, fascial points, exercises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from clinic.demo.stories.body import DOSES, FOCUS, OUTDOORS, Focus
from clinic.demo.stories.told import Told

Row = dict[str, Any]

HIP = frozenset({"gluteus_medius", "piriformis"})
MOST_NEEDLES = 10
NEEDLING_MINUTES = 2  # at each site, beside the time that needles stay in
TALK_MINUTES = 5
SHORTEST = 40  # minutes of a visit
FEWEST_POINTS, MOST_POINTS = 4, 7
HARDLY = 0.3  # of the points move better even where it does not help
LEAST_MINUTES, MOST_MINUTES = 2, 4  # at one point
GRADES = {  # of palpation, point by point: before, then after when it helps, when it hardly does, when it does not
    "before": (3, 2, 2, 2, 1, 2, 1),
    "better": (1, 0, 1, 1, 0, 1, 0),
    "same": (2, 2, 1, 1, 1, 2, 1),
    "worse": (3, 2, 2, 1, 1, 2, 1),
}


@dataclass(frozen=True, slots=True)
class Session:
    """What was done: rows as the note takes them, timed and total minutes. Needling counts in the total only."""

    sites: list[Row] = field(default_factory=list)
    points: list[Row] = field(default_factory=list)
    exercises: list[Row] = field(default_factory=list)

    @property
    def needles(self) -> int:
        """How many needles went in."""
        return sum(site["needles_in"] for site in self.sites)

    @property
    def timed(self) -> int:
        """Minutes of hands-on work and exercise."""
        return sum(row["minutes"] for row in (*self.points, *self.exercises))

    @property
    def total(self) -> int:
        """Minutes of the whole visit, in fives: all treatment, the re-test, and the talk before and after."""
        needling = sum(NEEDLING_MINUTES for _ in self.sites) + max((site["minutes"] for site in self.sites), default=0)
        return max(SHORTEST, -(-(self.timed + needling + TALK_MINUTES) // 5) * 5)


def has_needles(told: Told, number: int) -> bool:
    """Say whether visit `number` is one with needles."""
    if number in told.bare:
        return False
    return {"fascial": number in (2, 5), "exercise": False, "hands": False}.get(told.led, True)


def _has_points(told: Told, number: int) -> bool:
    if number in told.handless:
        return False
    return {"needling": False, "exercise": number % 2 == 1}.get(told.led, True)


class Hands:
    """Treats one patient, visit by visit."""

    def __init__(self, rng: Random, told: Told, library: Mapping[str, Any]) -> None:
        self._rng = rng
        self._told = told
        self._focus: Focus = FOCUS[told.focus]
        self._library = library  # key of an exercise -> the clinic's own

    def session(self, number: int, *, since: str) -> Session:
        """Return what is done at visit `number` of a patient who says better, same or worse."""
        told = self._told
        is_needled, is_handled = has_needles(told, number), _has_points(told, number)
        is_short = is_needled and is_handled and number % 2 == 1  # enough for one visit
        count = 2 + (not is_needled) + (0 if is_handled else self._rng.randint(1, 2))
        return Session(
            sites=self._sites() if is_needled else [],
            points=self._points(since, is_main=is_short or not is_needled) if is_handled else [],
            exercises=[] if is_short else self._exercises(number, count=count),
        )

    def _sites(self) -> list[Row]:
        muscles = self._focus.muscles
        others = self._rng.sample(muscles[1:], self._rng.randint(2, min(3, len(muscles) - 1)))
        sites = [self._site(muscle, side) for muscle, side in (muscles[0], *others)]
        while sum(site["needles_in"] for site in sites) > MOST_NEEDLES:
            sites.pop()
        return sites

    def _site(self, muscle: str, side: str) -> Row:
        is_soft, is_hip = self._told.superficial, muscle in HIP
        technique = "superficial" if is_soft else self._rng.choice(("deep_pistoning", "in_situ"))
        each = self._rng.randint(1, 2)
        return {
            "muscle": muscle,
            "side": side,
            "technique": technique,
            "gauge_mm": Decimal("0.30") if is_hip else Decimal("0.25"),
            "length_mm": 60 if is_hip else 25 if is_soft else 40,
            "needles_in": each * 2 if side == "B" else each,
            "twitch": technique == "deep_pistoning" and self._rng.random() < 0.7,  # noqa: PLR2004
            "minutes": 0 if technique == "deep_pistoning" else self._rng.randint(4, 8),
        }

    def _points(self, since: str, *, is_main: bool) -> list[Row]:
        points = self._focus.points
        count = self._rng.randint(FEWEST_POINTS + is_main, min(MOST_POINTS, len(points)))
        chosen = sorted(self._rng.sample(range(1, len(points)), count - 1))
        picked = [points[0], *(points[index] for index in chosen)]
        return [self._point(index, place, since) for index, place in enumerate(picked)]

    def _point(self, index: int, place: tuple[str, str], since: str) -> Row:
        before, after = GRADES["before"][index], GRADES[since][index]
        moves = self._rng.choice((1, 1, 2))
        return {
            "point": place[0],
            "side": place[1],
            "palpation_before": before,
            "palpation_after": min(before, after),
            "movement_before": moves,
            "movement_after": moves - 1 if since == "better" or self._rng.random() < HARDLY else moves,
            "minutes": self._rng.randint(LEAST_MINUTES, MOST_MINUTES),
            "is_balance": place[0] == "ir-ta" and index > 0,
        }

    def _exercises(self, number: int, *, count: int) -> list[Row]:
        """Return the next `count` exercises in turn; where they are all that is done, they take longer."""
        done = [key for key in self._focus.exercises if key not in OUTDOORS]
        turn = number % len(done)
        picked = (done[turn:] + done[:turn])[:count]
        most = 8 if count > len(done) else 6
        return [self._exercise(key, number, minutes=self._rng.randint(most - 1, most)) for key in picked]

    def _exercise(self, key: str, number: int, *, minutes: int) -> Row:
        dose = DOSES[key]
        return {
            "exercise": key,
            "name": self._library[key].name["en"],
            "side": side_of(self._library[key], self._focus),
            "sets": dose.get("sets"),
            "reps": dose.get("reps") or dose.get("breaths"),
            "hold_s": dose.get("hold_s"),
            "minutes": minutes,
            "quality": "good" if number > 4 else self._rng.choice(("fair", "fair", "good")),  # noqa: PLR2004
        }


def side_of(exercise: Any, focus: Focus) -> str:
    """Return the side of an exercise: none for the whole body, one side where all the treatment is on it, else both."""
    treated = {side for _, side in focus.muscles}
    return "" if not exercise.is_sided else treated.pop() if len(treated) == 1 else "B"

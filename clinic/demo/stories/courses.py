"""How it goes in each kind of story: the answers at baseline, 6 and 12 weeks. Who plays it stands in `cast`.

Source: project design. The first patient of a kind has these very numbers, every other one a variation of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

CLOCK_HOURS = 24
MOST = {"nights": 7, "worst": 10, "usual": 10, "awake": 5, "rested": 7, "tired": 7}
STEPS = ("baseline", "week_6", "week_12")
DAYS_6 = 42


@dataclass(frozen=True, slots=True)
class Sitting:
    """One check-in: nights, mornings and days of 7; worst, usual and activities 0-10; start a whole hour; awake a band.

    `activities` has one score for each named activity, `change` is 1 (much better) to 7 and None at the baseline.
    `home` is days with the home programme, `barriers` what got in the way, `spread` places that are new.
    Without a night with symptoms, what is only asked of such nights is not said.
    """

    nights: int
    worst: int
    usual: int
    start: int
    awake: int
    rested: int
    tired: int
    activities: tuple[int, ...]
    change: int | None = None
    home: int | None = None
    barriers: tuple[str, ...] = ()
    spread: tuple[str, ...] = ()
    extra: str = "no"

    def answers(self) -> dict[str, Any]:
        """Return the answers as a baseline keeps them, without the activities."""
        always = {"nights": self.nights, "rested": self.rested, "tired": self.tired}
        if not self.nights:
            return always
        return always | {"worst": self.worst, "usual": self.usual, "start": self.start * 60, "awake": self.awake}

    def of_followup(self, places: tuple[str, ...]) -> dict[str, Any]:
        """Return the answers of a check-in by mail that reports no new problem, to whatever may be asked."""
        named = {f"activity.{number}": score for number, score in enumerate(self.activities, 1)}
        where = {"places": [*places, *self.spread]} if self.nights else {}
        home = {"home_days": self.home, "home_barrier": list(self.barriers)}
        closing = {"new_problem": ["none"], "med_change": "no", "change": self.change, "call_me": "no"}
        return self.answers() | where | named | home | {"med_extra": self.extra} | closing


@dataclass(frozen=True, slots=True)
class Course:
    """A kind of story: the three sittings, where it is felt, what the patient names, days a week of home programme."""

    sittings: tuple[Sitting, Sitting, Sitting]
    activities: tuple[str, ...]
    places: tuple[str, ...] = ("lower_legs",)
    is_primary: bool = True
    home_days: int = 5

    def sitting(self, step: str) -> Sitting:
        """Return the sitting of "baseline", "week_6" or "week_12"."""
        return self.sittings[STEPS.index(step)]

    def nights_on(self, day: int) -> int:
        """Return the nights with symptoms that a patient would tell `day` days after the first treatment."""
        baseline, middle, end = (one.nights for one in self.sittings)
        before, after, since = (baseline, middle, 0) if day < DAYS_6 else (middle, end, DAYS_6)
        return round(before + (after - before) * min(day - since, DAYS_6) / DAYS_6)


COURSES: Mapping[str, Course] = {
    "improver": Course(
        (
            Sitting(6, 8, 6, 20, 4, 1, 5, (3, 4, 3)),
            Sitting(3, 5, 4, 21, 2, 4, 2, (6, 5, 6), change=2, home=5),
            Sitting(2, 4, 3, 22, 1, 5, 1, (7, 7, 7), change=2, home=4, barriers=("ill_away",)),
        ),
        activities=("sit through a film", "dinner with friends", "fly to see my daughter"),
        places=("feet", "lower_legs"),
    ),
    "early_plateau": Course(
        (
            Sitting(5, 7, 5, 21, 3, 3, 3, (4, 4)),
            Sitting(3, 5, 4, 21, 2, 4, 2, (6, 6), change=3, home=4, barriers=("forgot",)),
            Sitting(3, 5, 4, 21, 2, 4, 2, (6, 6), change=3, home=2, barriers=("time", "forgot")),
        ),
        activities=("sit through church", "read in the evening"),
    ),
    "no_change": Course(
        (
            Sitting(5, 6, 5, 21, 3, 2, 4, (4, 5)),
            Sitting(5, 6, 5, 21, 3, 3, 3, (5, 5), change=4, home=2, barriers=("no_benefit",)),
            Sitting(4, 6, 5, 21, 3, 2, 4, (5, 4), change=4, home=1, barriers=("no_benefit",)),
        ),
        activities=("a long bus ride", "watch the news to the end"),
    ),
    "worsening": Course(
        (
            Sitting(4, 5, 4, 21, 2, 3, 2, (5, 5)),
            Sitting(6, 8, 6, 20, 4, 1, 5, (3, 3), change=6, home=3, barriers=("time",)),
            Sitting(6, 7, 6, 20, 4, 1, 5, (3, 3), change=6, home=3, barriers=("time",)),
        ),
        activities=("play cards on Fridays", "sit with my sister in the evening"),
    ),
    "augmentation": Course(
        (
            Sitting(7, 8, 6, 19, 4, 1, 5, (3, 2, 3)),
            Sitting(
                7, 9, 7, 16, 5, 0, 6, (2, 2, 2), change=6, home=4, barriers=("time",), spread=("arms",), extra="yes"
            ),
            Sitting(6, 7, 5, 18, 3, 2, 4, (4, 4, 3), change=4, home=4, barriers=("time",)),
        ),
        activities=("sit at my desk in the afternoon", "the drive to my son", "a meal in a restaurant"),
        places=("lower_legs", "thighs"),
    ),
    "silent": Course(
        # What nobody sent in is never told; the therapist hears of fewer nights at the visits.
        (
            Sitting(5, 7, 5, 22, 3, 2, 3, (4,)),
            Sitting(3, 5, 4, 22, 2, 4, 2, (6,), change=2, home=4, barriers=("time",)),
            Sitting(2, 4, 3, 23, 1, 5, 1, (7,), change=2, home=4, barriers=("time",)),
        ),
        activities=("drive home after the late shift",),
    ),
    "incidental": Course(
        (
            Sitting(3, 5, 3, 22, 2, 4, 2, (6, 6)),
            Sitting(2, 4, 3, 22, 1, 5, 1, (7, 7), change=3, home=4),
            Sitting(2, 4, 3, 22, 1, 5, 1, (8, 7), change=3, home=3, barriers=("time",)),
        ),
        activities=("long meetings", "fall asleep on the couch"),
        places=("feet",),
        is_primary=False,
        home_days=4,
    ),
    "iron_low": Course(
        (
            Sitting(6, 8, 6, 19, 4, 1, 6, (3, 3, 3)),
            Sitting(4, 6, 4, 20, 3, 3, 4, (5, 5, 5), change=3, home=5),
            Sitting(2, 3, 2, 22, 1, 5, 1, (7, 7, 8), change=1, home=5),
        ),
        activities=("put the children to bed", "sit in class", "a film with my husband"),
        places=("lower_legs", "thighs"),
    ),
    "resolved": Course(
        (
            Sitting(4, 6, 4, 22, 2, 3, 3, (5, 5)),
            Sitting(1, 2, 2, 23, 1, 5, 1, (8, 8), change=2, home=3),
            Sitting(0, 0, 0, 0, 0, 6, 0, (9, 9), change=1, home=3),
        ),
        activities=("a whole concert", "the train to work"),
        home_days=3,
    ),
}


def varied(course: Course, rng: Random) -> Course:
    """Return the course as another patient has it: each measure up to 1 higher or lower, the same at every sitting.

    So what changes, and whether it counts, stays the story's own. No night with symptoms stays none; some stay some.
    """
    while True:
        shifts = {name: rng.choice((-1, 0, 1)) for name in (*MOST, "start", "activities")}
        first, second, third = (_shifted(sitting, shifts) for sitting in course.sittings)
        if all(_is_like(new, old) for new, old in zip((first, second, third), course.sittings, strict=True)):
            return replace(course, sittings=(first, second, third))


def _shifted(sitting: Sitting, shifts: Mapping[str, int]) -> Sitting:
    if not sitting.nights:
        shifts = {name: size if name in ("rested", "activities") else 0 for name, size in shifts.items()}
    plain = {name: getattr(sitting, name) + shifts[name] for name in MOST}
    scores = tuple(score + shifts["activities"] for score in sitting.activities)
    return replace(sitting, **plain, start=(sitting.start + shifts["start"]) % CLOCK_HOURS, activities=scores)


def _is_like(new: Sitting, old: Sitting) -> bool:
    """True for answers that can be given, of a patient who has nights with symptoms when the story has."""
    return all(_limits_hold(new)) and new.usual <= new.worst and (new.nights > 0) == (old.nights > 0)


def _limits_hold(sitting: Sitting) -> Iterator[bool]:
    least = 1 if sitting.nights else 0
    for name, most in MOST.items():
        yield (least if name in ("nights", "worst", "usual") else 0) <= getattr(sitting, name) <= most
    yield all(0 <= score <= 10 for score in sitting.activities)  # noqa: PLR2004

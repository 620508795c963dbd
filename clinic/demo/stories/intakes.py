"""What a patient says before the first treatment: the intake, told from person and story, and the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from clinic.demo.people import Person
from clinic.demo.stories.courses import Course, Sitting
from clinic.demo.stories.telling import Tale
from clinic.demo.stories.told import Told
from rls_module.intake import actions as intake_actions
from rls_module.knowledge.instruments import branching, loading
from rls_module.knowledge.instruments.definition import Instrument

BEGAN_BEFORE = timedelta(minutes=11)
HALF = 4  # sections of an intake that was begun and not finished
FERTILE_TO = 50
OLD_DRIVER = 80
HARD = 5  # nights a week, and points of ten, from which it troubles much
ASLEEP = ("h7plus", "h7", "h6", "h6", "h5", "h4")  # by the band of lying awake
UP = ("n0", "n0", "n1", "n2", "n3", "n4plus")
SITS = ("h1", "m60", "m30", "m30", "m15", "m5")
WORDS = ("crawling", "itch_inside", "pull", "ache", "tingle", "electric", "only_urge", "no_words")
HELPS = ("walk", "stretch", "rub", "cold", "bath", "busy", "heat")
SETS_OFF = ("travel", "seat", "bed", "short_sleep", "alcohol", "caffeine", "hot", "late_exercise", "stress")
TRIED = ("exercise", "stretching", "massage", "therapy")
INJURIES = (
    "",
    "",
    "Ankle sprain as a teenager, more than once.",
    "Appendix, long ago.",
    "Broken wrist, 2011.",
    "Knee keyhole surgery, 2016.",
    "Fell from a ladder in 2009, heel bruised.",
)


def take(tale: Tale, now: datetime) -> None:
    """Take the intake in the room and close it, or break off half way; then the baseline of those who have one."""
    actor, language = tale.actor, tale.person.language
    intake = intake_actions.begin_intake(case=tale.case, language=language, actor=actor, now=now - BEGAN_BEFORE)
    instrument = loading.shipped(intake.instrument, intake.instrument_version)
    is_whole = tale.told.intake == "done"
    asked = [page.key for page in branching.pages(instrument, answers=tale.says, facts={}, phase="baseline")]
    for section in asked if is_whole else asked[:HALF]:
        said = _of_section(tale.says, instrument, section)
        intake = intake_actions.save_section(
            intake=intake, seen=intake.version, section=section, answers=said, actor=actor
        )
    if not is_whole:
        return
    intake_actions.submit_intake(intake=intake, seen=intake.version, actor=actor, now=now)
    if tale.course is not None:
        _take_baseline(tale, now + timedelta(minutes=1))


def _of_section(said: Mapping[str, Any], instrument: Instrument, section: str) -> dict[str, Any]:
    own = {item.key for item in instrument.items if item.page == section}
    return {name: value for name, value in said.items() if name.partition(".")[0] in own}


def _take_baseline(tale: Tale, now: datetime) -> None:
    baseline = tale.going.sittings[0]
    intake_actions.record_baseline(
        case=tale.case,
        answers=baseline.answers() | {"places": list(tale.going.places)},
        activities=tale.going.activities,
        scores=baseline.activities,
        language=tale.person.language,
        actor=tale.actor,
        now=now,
    )


def answers(told: Told, person: Person, course: Course | None, rng: Random) -> dict[str, Any]:
    """Return what a patient says to the intake: what the story has, else what fits the person and how it is now."""
    says = dict(told.says)
    now = course.sittings[0] if course else Sitting(int(says.get("year", 3)), 5, 4, 22, 2, 3, 3, ())
    feet = says.pop("feet", {})
    return {
        **_pattern(now, course.places if course else ("lower_legs",), rng),
        **_sleep(now, person.age, rng),
        **_long(now, rng),
        **_past(rng),
        **_health(told, person),
        **_tried(rng),
        **says,
        "why_now": [says["why_now"]] if "why_now" in says else [],
        "onset": str(says.get("onset", "")),
        "year": f"n{says['year']}" if says.get("year") else "lt1",
        "feet": [f"{key}_{side}" for key, where in feet.items() for side in _sides(where)] or ["none"],
    }


def _sides(where: str) -> tuple[str, ...]:
    return ("left", "right") if where == "both" else (where,)


def _pattern(now: Sitting, places: Sequence[str], rng: Random) -> dict[str, Any]:
    return {
        "reason": "legs",
        "told": "no",
        "where": [f"{place}_{side}" for place in places for side in ("left", "right")],
        "words": sorted(rng.sample(WORDS, rng.randint(1, 3))),
        "painful": rng.choice(("no", "no", "sometimes")),
        "sit": SITS[now.awake],
        "helps": ["walk", *sorted(rng.sample(HELPS[1:], 2))],
        "sets_off": sorted(rng.sample(SETS_OFF, 3)),
    }


def _sleep(now: Sitting, age: int, rng: Random) -> dict[str, Any]:
    return {
        "hours": ASLEEP[now.awake],
        "up": UP[now.awake],
        "kicks": rng.choice(("yes", "yes", "no", "alone", "unsure")),
        "breathing": "no",
        "drive": "no_drive" if age >= OLD_DRIVER else "no",
    }


def _long(now: Sitting, rng: Random) -> dict[str, Any]:
    is_hard = now.nights >= HARD
    some = sorted(rng.sample(("skip_outings", "work", "apart", "low"), rng.randint(0, 2)))
    return {
        "five": "yes",
        "course": rng.choice(("worse", "worse", "same", "waves")),
        "bother": "very" if is_hard and now.worst > HARD else "quite" if now.nights > 2 else "little",  # noqa: PLR2004
        "limits": ["avoid_sitting", *some] if is_hard else some or ["none"],
    }


def _past(rng: Random) -> dict[str, Any]:
    return {"family": ["no"], "growing": rng.choice(("no", "no", "unsure")), "injuries": rng.choice(INJURIES)}


def _health(told: Told, person: Person) -> dict[str, Any]:
    is_fertile = person.sex == "f" and person.age < FERTILE_TO
    return {
        "health": ["none"],
        "pregnant": "no" if is_fertile else "na",
        "iron_loss": ["none"],
        "iron_test": "bring" if told.panels else "no",
        "leg_meds": ["never"],
        "other_meds": ["none"],
        "thinner": "no",
        "flags": ["none"],
        "needles": ["none"],
    }


def _tried(rng: Random) -> dict[str, Any]:
    how = partial(rng.choice, ("helped", "same", "same", "worse"))
    return {f"tried_{one}": how() for one in rng.sample(TRIED, rng.randint(1, 3))}

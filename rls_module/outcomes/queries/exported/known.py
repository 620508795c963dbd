"""What a cell of the registry may say: numbers, and codes that we know. Whatever else a row holds is left empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from rls_module.knowledge.exercises import library as exercises
from rls_module.knowledge.instruments import loading as instruments
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.knowledge.planning import education
from rls_module.knowledge.protocols import ahead
from rls_module.knowledge.protocols import loading as protocols
from rls_module.knowledge.safety import adverse, augmentation, course, criteria, iron
from rls_module.knowledge.vocabulary import fascial
from rls_module.knowledge.vocabulary import loading as vocabulary

_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?(E[+-]?\d{1,2})?")
_YES_NO = frozenset({"yes", "no", "unsure", "unknown", ""})


@cache
def codes() -> dict[str, frozenset[str]]:
    """Return, by the name of a column, the words that it may hold; columns of choices know their own."""
    muscles = {one.key for one in vocabulary.muscles()}
    regions = {one.key for one in vocabulary.regions()}
    points = set(fascial.all_points())
    topics = {one.key for one in education.topics()}
    sides = {"L", "R", "B", "M"}
    tests = vocabulary.body_tests()
    given: dict[str, set[str] | frozenset[str]] = {
        "algorithm": {str(number) for number in range(1, 100)},
        "answer": {one.key for one in tests.options},
        "answers": {*(f"e{number}" for number in range(1, 6)), "current", "past", "past_reasons"}
        | {*_YES_NO, "very_severe", "treated", "augmented", *augmentation.QUESTIONS["en"]},
        "canonical": set(get_args(iron.Analyte)),
        "clinically_significant": _YES_NO,
        "code": {one.key for one in vocabulary.medicines()},
        "course": set(get_args(course.Course)),
        "criteria": {*(f"E{number}" for number in range(1, 5)), "current", "past"} | _YES_NO,
        "event": set(adverse.events()),
        "exercise": {one.key for one in exercises.shipped()},
        "fasting": _YES_NO,
        "flag": set(get_args(iron.Flag)),
        "from_past": {f"E{number}" for number in range(1, 6)},
        "iron_free_24h": _YES_NO,
        "labels": set(get_args(criteria.Label)),
        "measure": set(_measures()),
        "method": {"verbal", "signed"},
        "mimics": {*(one.key for one in vocabulary.mimics()), "present", "considered_excluded"},
        "modifiers": set(get_args(iron.Modifier)),
        "morning": _YES_NO,
        "muscle": muscles,
        "parts": {"a", "b", "c1", "c2"} | _YES_NO,
        "patterns": {one.key for one in tests.patterns},
        "phase": {"baseline", "followup"},
        "place": muscles | regions | points,
        "place_kind": {"muscle", "region", "point"},
        "planes": {"sagittal", "frontal", "horizontal"},
        "point": points,
        "reasons": {*(f"E{number}" for number in range(1, 6)), "mimic"},
        "result": set(get_args(augmentation.Result)),
        "red_flags": {one.key for one in vocabulary.red_flags()},
        "side": sides,
        "side_effects": {one.key for one in vocabulary.side_effects()},
        "signs": {"painful", "weak", "limited"},
        "specialist_reason": set(get_args(iron.SpecialistReason)),
        "supportive": {*criteria.SUPPORTIVE["en"], *_YES_NO},
        "step": {*ahead.STEPS, *(one.step for one in protocols.shipped("default").touchpoints)},
        "tags": {"often"},
        "test": {one.key for one in tests.tests},
        "topic": topics,
        "topics": topics,
        "targets": muscles | regions | points | sides | {"muscle", "region", "point", "kind", "key", "side"},
    }
    return {name: frozenset(words) for name, words in given.items()}


def code(column: str, value: str) -> str:
    """Return `value` where the column may hold it, else nothing."""
    is_point = column in ("point", "place") and _is_point(value)
    return value if is_point or value in codes()[column] else ""


def unfolded(column: str, value: Any) -> str:
    """Return what a list or table of codes says, as `code`, `key=code` or `key.key=code`; other words drop out."""
    if column == "canonical":
        return " ".join(_amounts(value))
    return " ".join(_known(value, codes()[column]))


def _known(value: Any, words: frozenset[str]) -> Iterator[str]:
    match value:
        case dict():
            for key, inside in value.items():
                if key in words:
                    yield from (_joined(key, said) for said in _known(inside, words))
        case list():
            for one in value:
                yield from _known(one, words)
        case str() if value in words:
            yield value


def _joined(key: str, said: str) -> str:
    return f"{key}.{said}" if "=" in said else f"{key}={said}"


def _amounts(values: dict[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if key in codes()["canonical"] and _NUMBER.fullmatch(str(value)):
            yield f"{key}={value}"


def _is_point(text: str) -> bool:
    try:
        return fascial.parse(text).key == text
    except fascial.NotAPoint:
        return False


def answered(response_answers: dict[str, Any], versions: dict[str, int]) -> Iterator[tuple[str, int, str, str | int]]:
    """Yield (instrument, version, item, value) for everything picked or counted; what was written in words is left out.

    Several picks are joined by a space. Instruments that are not shipped are left out: their codes may be words.
    """
    for key, version in versions.items():
        if key not in instruments.shipped_keys():
            continue
        instrument = instruments.shipped(key, version)
        for name, value in response_answers.items():
            if name.startswith(f"{key}."):
                item = name.removeprefix(f"{key}.")
                said = _picked(instrument, item, value)
                if said is not None:
                    yield key, version, item, said


def _picked(instrument: Instrument, name: str, value: Any) -> str | int | None:
    key, _, rest = name.partition(".")
    item = next((one for one in instrument.items if one.key == key), None)
    if item is None or (rest and not (item.repeat and rest.isdecimal())):
        return None  # an option's own words, or no item of ours
    if item.numbers:
        return value if value in item.numbers else None
    if not isinstance(value, list):
        return value if item.option(value) is not None else None
    return " ".join(str(one) for one in value if item.option(one) is not None) or None


def _measures() -> Iterator[str]:
    for key in instruments.shipped_keys():
        yield from (f"{key}:{item.key}" for item in instruments.shipped(key).items)
    for (key, _version), one in instruments.skeletons().items():
        yield from (f"{key}:{item.key}" for item in one.items if item.measure)
        yield from (f"{key}:{score.key}" for score in one.scores)

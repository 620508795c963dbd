"""What the answers of one sitting are worth, measure by measure. A missing answer is never 0, and ends a total."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rls_module.knowledge.instruments import branching, coherence
from rls_module.knowledge.instruments.definition import Answers, Facts, Item, Phase, Score, Structure

ALGORITHM = "1"


@dataclass(frozen=True, slots=True)
class Measured:
    """One value to keep: `measure` is versionless (`rls_checkin:nights`), `subject` one activity's ref or empty."""

    measure: str
    subject: str
    value: float
    derived: bool = False


def measured(
    instrument: Structure, *, answers: Answers, facts: Facts, phase: Phase, reversed_items: Collection[str] = ()
) -> tuple[Measured, ...]:
    """Return the values of one sitting in the order of the items, then its scores.

    Only valid answers to asked questions count. A clock counts as minutes after midnight and only when an hour was
    picked; several picks count as their number; a repeated item gives one value for each subject and, with subject
    "", their mean when every one was answered. Where an item's `zero_when` holds the value is 0 and `derived`:
    otherwise those who got well would drop out of every median. A score is the sum of its items, and there is none
    where one was not answered, or where some run the other way and `reversed_items` does not say which.
    """
    keep = branching.kept(instrument, answers=answers, facts=facts, phase=phase)
    asked = branching.questions(instrument, answers=answers, facts=facts, phase=phase)
    values: list[Measured] = []
    for item in instrument.items:
        if item.measure is None or not item.is_in(phase):
            continue
        name = f"{instrument.key}:{item.key}"
        if item.measure.zero_when and branching.holds(item.measure.zero_when, standing=keep, facts=facts):
            values.append(Measured(name, "", 0.0, derived=True))
        else:
            values.extend(_values(name, item, [q for q in asked if q.item.key == item.key], keep))
    for score in instrument.scores:
        if (total := _total(instrument, score, keep, reversed_items)) is not None:
            values.append(Measured(f"{instrument.key}:{score.key}", "", total))
    return tuple(values)


def answered(score: Score, answers: Answers) -> tuple[int, int]:
    """Return how many of a score's items were answered, and how many it needs."""
    given = [key for key in score.of if not branching.is_empty(answers.get(key))]
    return len(given), len(score.of)


def _total(instrument: Structure, score: Score, keep: Answers, reversed_items: Collection[str]) -> float | None:
    if score.some_reversed and not reversed_items:
        return None
    total = 0.0
    for item in (one for one in instrument.items if one.key in score.of):
        worth = _worth(item, keep.get(item.key))
        if worth is None:
            return None
        ends = coherence.worths(item)
        is_turned = score.some_reversed and item.key in reversed_items
        total += min(ends) + max(ends) - worth if is_turned else worth
    return total


def criteria(instrument: Structure, *, answers: Answers, facts: Facts, phase: Phase) -> dict[str, str]:
    """Return what the answers say of the criteria: `E3` -> yes, no, unsure or past (= see `E3.past`).

    Only answered questions are in it; what follows from it is decided in `safety.screening`.
    """
    keep = branching.kept(instrument, answers=answers, facts=facts, phase=phase)
    said: dict[str, str] = {}
    for item in instrument.items:
        option = item.option(keep.get(item.key))
        if item.criterion and option and option.criterion:
            said[f"{item.criterion}.past" if item.past else item.criterion] = option.criterion
    return said


def _values(name: str, item: Item, asked: list[branching.Question], keep: Answers) -> Iterator[Measured]:
    found = [(question.ref, _worth(item, keep.get(question.name))) for question in asked]
    worths = [value for _, value in found if value is not None]
    for ref, value in found:
        if value is not None:
            yield Measured(name, ref, value)
    if item.repeat and worths and len(worths) == len(found):
        yield Measured(name, "", sum(worths) / len(worths))


def _worth(item: Item, answer: object) -> float | None:
    match item.kind, answer:
        case _, None:
            return None
        case "count" | "scale" | "clock", int():
            return float(answer)
        case "number", int() | float():
            return float(answer)
        case "multi", list() | tuple():
            return float(sum(1 for one in answer if (option := item.option(one)) and not option.exclusive))
        case "choice", _:
            option = item.option(answer)
            return None if option is None or option.weight is None else float(option.weight)
        case _:
            return None

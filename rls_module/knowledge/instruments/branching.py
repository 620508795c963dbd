"""Which questions are asked, on which page, and whether the answers to them can stand. Stores and scores nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any, Literal

from rls_module.knowledge.instruments import entries
from rls_module.knowledge.instruments.definition import (
    COMPARISONS,
    MOST_SEVERAL,
    Answers,
    Condition,
    Facts,
    Item,
    Phase,
    Structure,
)

Absence = Literal["not_asked", "skipped", "not_reached"]
Problem = Literal[
    "required", "unknown", "not_asked", "out_of_range", "bad_option", "exclusive", "too_long", "wrong_type",
    "control_char", "too_precise", "not_a_moment", "not_an_address", "too_many",
]  # fmt: skip

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = dict(zip(COMPARISONS, (gt, ge, lt, le), strict=True))
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Question:
    """One time of asking an item. `name` keys its answer; `piped` fills the placeholders of its words."""

    name: str
    item: Item
    piped: Mapping[str, str]
    ref: str = ""  # the entry that a repeated item is asked about, else empty


@dataclass(frozen=True, slots=True)
class PageView:
    """One page with what is asked on it, in order."""

    key: str
    questions: tuple[Question, ...]


def questions(instrument: Structure, *, answers: Answers, facts: Facts, phase: Phase) -> tuple[Question, ...]:
    """Return what is asked, in order, given the answers so far and the facts from the chart.

    `facts`: activities [{n, ref, name}], since, and those of `definition.FACTS`. An answer that cannot stand, or to a
    question that is not asked itself, opens no branch.
    """
    asked: list[Question] = []
    standing: dict[str, object] = {}
    for item in instrument.items:
        if not item.is_in(phase) or not holds(item.show_if, standing=standing, facts=facts):
            continue
        for question in _askings(item, facts):
            asked.append(question)
            value = answers.get(question.name)
            if not is_empty(value) and problem(item, value) is None:
                standing[question.name] = value
    return tuple(asked)


def opening(instrument: Structure) -> dict[str, object]:
    """Return answers that open every branch, for a form that shows all of an instrument at once."""
    kinds = {item.key: item.kind for item in instrument.items}
    conditions = [one for item in instrument.items if item.show_if for one in item.show_if.alone() if one.any_of]
    return {one.item: [one.any_of[0]] if kinds[one.item] == "multi" else one.any_of[0] for one in conditions}


def pages(instrument: Structure, *, answers: Answers, facts: Facts, phase: Phase) -> tuple[PageView, ...]:
    """Return the pages that have a question to ask, in order; a branch stands on the page its item names."""
    asked = questions(instrument, answers=answers, facts=facts, phase=phase)
    views = (PageView(page, tuple(q for q in asked if q.item.page == page)) for page in instrument.pages)
    return tuple(view for view in views if view.questions)


def holds(condition: Condition | None, *, standing: Answers, facts: Facts) -> bool:
    """Say whether a condition holds; `standing` are valid answers to asked questions only."""
    if condition is None:
        return True
    if condition.all or condition.any:
        inner = (holds(one, standing=standing, facts=facts) for one in condition.all or condition.any)
        return all(inner) if condition.all else any(inner)
    if condition.fact:
        return bool(facts.get(condition.fact))
    answer = standing.get(condition.item)
    if condition.below_fact:
        limit = facts.get(condition.below_fact)
        return isinstance(answer, int) and isinstance(limit, int) and answer < limit
    if condition.answered is not None:
        return is_empty(answer) != condition.answered
    picked = answer if isinstance(answer, list | tuple) else (answer,)
    if condition.limit:
        name, limit = condition.limit
        return any(_is_comparable(one, limit) and _ORDER[name](one, limit) for one in picked)
    if condition.any_of:
        return any(one in condition.any_of for one in picked)
    return not any(one in condition.none_of for one in picked)


def _is_comparable(answer: object, limit: object) -> bool:
    """Numbers are held against numbers, and ISO's moments, which sort as text, against their like."""
    return isinstance(answer, int | float) if isinstance(limit, int | float) else isinstance(answer, str)


def check(
    instrument: Structure, *, answers: Answers, facts: Facts, phase: Phase, page: str | None = None
) -> dict[str, Problem]:
    """Return what keeps the answers from standing: question name -> problem code, in the order asked.

    With `page` only the questions of that page are looked at. Unanswered questions are a problem only where the
    item is required. Free text of an option is named `<question>.<option key>`.
    """
    asked = questions(instrument, answers=answers, facts=facts, phase=phase)
    found: dict[str, Problem] = {}
    for question in asked:
        if page is None or question.item.page == page:
            found |= _problems(question, answers)
    if page is None:
        found |= _strangers(instrument, asked=asked, answers=answers)
    return found


def kept(instrument: Structure, *, answers: Answers, facts: Facts, phase: Phase) -> dict[str, object]:
    """Return the answers that can stand: given, valid, and to questions that are asked; hidden branches drop out."""
    keep: dict[str, object] = {}
    for question in questions(instrument, answers=answers, facts=facts, phase=phase):
        wrong = _problems(question, answers)
        for name in (question.name, *_open_texts(question, answers)):
            if not is_empty(answers.get(name)) and name not in wrong:
                keep[name] = answers[name]
    return keep


def absent(
    instrument: Structure, *, answers: Answers, facts: Facts, phase: Phase, reached: Collection[str] | None = None
) -> dict[str, Absence]:
    """Return why a question has no answer; each question of the instrument is answered or stands here, never both.

    "not_asked": branch, phase or no entry to ask about. "not_reached": its page is not in `reached` (None = all
    pages were). "skipped": seen and left empty. None of them is ever 0.
    """
    asked = {q.name: q for q in questions(instrument, answers=answers, facts=facts, phase=phase)}
    missing: dict[str, Absence] = {}
    for item in filter(_takes_answer, instrument.items):
        for name in [q.name for q in _askings(item, facts)] or [item.key]:
            if name not in asked:
                missing[name] = "not_asked"
            elif is_empty(answers.get(name)):
                missing[name] = "skipped" if reached is None or item.page in reached else "not_reached"
    return missing


def _takes_answer(item: Item) -> bool:
    return item.is_asked


def notices(instrument: Structure, answers: Answers) -> tuple[str, ...]:
    """Return the keys of remarks to show beside the answers; they never block."""
    pairs = ((n.key, _number(answers.get(n.item)), _number(answers.get(n.above))) for n in instrument.notices)
    return tuple(key for key, value, limit in pairs if value is not None and limit is not None and value > limit)


def filled(text: str, piped: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled from `Question.piped`.

    Empty when one of them is not known: a hint that cannot be said is left out. What is filled in is never read
    as a placeholder again, nor escaped for HTML.
    """
    if any(name not in piped for name in PLACEHOLDER.findall(text)):
        return ""
    return PLACEHOLDER.sub(lambda match: piped[match[1]], text)


def is_empty(value: object) -> bool:
    """Say whether an answer is none at all: missing, blank or nothing picked. 0 is an answer."""
    return value is None or value in ((), []) or (isinstance(value, str) and not value.strip())


def problem(item: Item, value: object) -> Problem | None:
    """Return what keeps one answer that was given from standing, or None."""
    if not item.several:
        return _one_problem(item, value)
    if not isinstance(value, list | tuple):
        return "wrong_type"
    if len(value) > MOST_SEVERAL:
        return "too_many"
    return next((wrong for one in value if (wrong := _one_problem(item, one))), None)


def _one_problem(item: Item, value: object) -> Problem | None:
    match item.kind:
        case "choice" | "clock":
            if not isinstance(value, str | int) or isinstance(value, bool):
                return "wrong_type"
            return None if item.option(value) else "bad_option"
        case "multi":
            return _picks_problem(item, value)
        case "count" | "scale" | "number":
            return _number_problem(item, value)
        case "date" | "time" | "moment":
            return _moment_problem(item, value)
        case "text" | "url":
            wrong = text_problem(value, max_length=item.max_length or 0)
            is_foreign = item.kind == "url" and not entries.is_address(str(value))
            return wrong or ("not_an_address" if is_foreign else None)
    return "unknown"


def _number_problem(item: Item, value: object) -> Problem | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or (item.numbers and isinstance(value, float)):
        return "wrong_type"
    if not -entries.LARGEST <= value <= entries.LARGEST or not _is_within(item, value):
        return "out_of_range"
    return None if round(value, item.decimals or 0) == value else "too_precise"


def _moment_problem(item: Item, value: object) -> Problem | None:
    if not isinstance(value, str):
        return "wrong_type"
    if not entries.is_moment(item.kind, value):
        return "not_a_moment"
    return None if _is_within(item, value) else "out_of_range"


def _is_within(item: Item, value: Any) -> bool:
    return (item.min is None or value >= item.min) and (item.max is None or value <= item.max)


def text_problem(value: object, *, max_length: int) -> Problem | None:
    """Return what keeps a free text from standing; a line break counts as one character and is allowed."""
    if not isinstance(value, str):
        return "wrong_type"
    text = value.replace("\r\n", "\n")
    if len(text) > max_length:
        return "too_long"
    # U+FFFD stands where bytes could not be read: what was typed is not there any more.
    if any(char == "\ufffd" or (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t") for char in text):
        return "control_char"
    return None


def _askings(item: Item, facts: Facts) -> Iterator[Question]:
    piped = {name: str(facts[fact]) for name, fact in (("since", "since"), ("days", "planned_days")) if facts.get(fact)}
    if item.repeat is None:
        yield Question(item.key, item, piped)
        return
    for entry in _entries(facts, item.repeat):
        yield Question(
            f"{item.key}.{entry['n']}", item, piped | {"activity": str(entry["name"])}, ref=str(entry["ref"])
        )


def _entries(facts: Facts, name: str) -> Sequence[Mapping[str, object]]:
    entries = facts.get(name) or ()
    if not isinstance(entries, list | tuple):
        raise TypeError(f"fact {name!r} must be a list of tables with n, ref and name")
    return entries


def _picks_problem(item: Item, value: object) -> Problem | None:
    if not isinstance(value, list | tuple):
        return "wrong_type"
    options = [item.option(one) for one in value]
    if None in options or len(set(map(str, value))) < len(value):
        return "bad_option"
    if len(options) > 1 and any(option is not None and option.exclusive for option in options):
        return "exclusive"
    return None


def _problems(question: Question, answers: Answers) -> dict[str, Problem]:
    value = answers.get(question.name)
    if is_empty(value):
        return {question.name: "required"} if question.item.required else {}
    wrong = problem(question.item, value)
    if wrong is not None:
        return {question.name: wrong}
    texts = {
        name: text_problem(answers[name], max_length=limit)
        for name, limit in _open_texts(question, answers).items()
        if not is_empty(answers.get(name))
    }
    return {name: code for name, code in texts.items() if code is not None}


def _open_texts(question: Question, answers: Answers) -> dict[str, int]:
    """Return the free texts that the picked options open: answer name -> longest length."""
    value = answers.get(question.name)
    picked = value if isinstance(value, list | tuple) else (value,)
    return {
        f"{question.name}.{option.name}": option.max_length
        for option in question.item.options
        if option.max_length is not None and option.key in picked
    }


def _strangers(instrument: Structure, *, asked: Sequence[Question], answers: Answers) -> dict[str, Problem]:
    welcome = {
        name
        for question in asked
        if question.item.is_asked
        for name in (question.name, *_open_texts(question, answers))
    }
    given = (name for name, value in answers.items() if name not in welcome and not is_empty(value))
    return {name: "not_asked" if _is_known(instrument, name) else "unknown" for name in given}


def _is_known(instrument: Structure, name: str) -> bool:
    key, _, rest = name.partition(".")
    item = next((one for one in instrument.items if one.key == key), None)
    if item is None:
        return False
    if item.repeat is not None:
        return rest.isdecimal()
    return not rest or any(option.name == rest and option.max_length is not None for option in item.options)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

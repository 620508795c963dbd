"""What FHIR's item types are here: kinds of questions, with their options, numbers and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rls_module.knowledge.instruments.fhir.names import option_key
from rls_module.knowledge.instruments.fhir.resource import (
    EXCLUSIVE,
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL,
    AnswerOption,
    Item,
    control_of,
    of_kind,
)

ENDS = {"lower": "low", "upper": "high"}
OTHER = "other"  # the option that opens a line for own words
OTHER_LENGTH = 300
TEXT_LENGTH = {"string": 300, "text": 2000}


class Unsaid(ValueError):
    """An item that no question here can be; its words say why."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What can be answered to one question, as an instrument's tables have it; `keys` in order, none for a text."""

    kind: str
    structure: Mapping[str, Any]
    words: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[str | int, ...] = ()


def answers(item: Item) -> Answers:
    """Return what can be answered to an item; raises Unsaid for a type that has no counterpart."""
    if item.repeats and item.type not in ("choice", "open-choice"):
        raise Unsaid("can be answered several times, which only a choice can")
    match item.type:
        case "boolean":
            labels = {"yes": "Yes", "no": "No"}
            options = [{"key": key} for key in labels]
            return Answers("choice", {"kind": "choice", "options": options}, {"options": labels}, tuple(labels))
        case "choice" | "open-choice":
            return _choice(item)
        case "integer":
            return _number(item)
        case "string" | "text":
            return Answers("text", {"kind": "text", "max_length": item.max_length or TEXT_LENGTH[item.type]})
    raise Unsaid(f"is of the type {item.type!r}, which is not read")


def _choice(item: Item) -> Answers:
    if item.answer_value_set is not None:
        raise Unsaid("takes its answers from a value set; they must stand in the item as answerOption")
    if not item.answer_option:
        raise Unsaid("has no answerOption")
    labels: dict[str, str] = {}
    options: list[dict[str, Any]] = []
    for place, one in enumerate(item.answer_option, start=1):
        key, label = _option(one, place)
        if str(key) in labels:
            raise Unsaid(f"has two answers with the code {str(key)!r}")
        labels[str(key)] = label
        options.append({"key": key, **_worth(one)})
    if item.type == "open-choice":
        if OTHER in labels:
            raise Unsaid(f"is an open choice with an answer {OTHER!r} of its own")
        last = {"key": OTHER, "max_length": OTHER_LENGTH}
        options.insert(len(options) - bool(options[-1].get("exclusive")), last)
        labels[OTHER] = "Other"
    kind = "multi" if item.repeats else "choice"
    keys = tuple(option["key"] for option in options)
    return Answers(kind, {"kind": kind, "options": options}, {"options": labels}, keys)


def _option(one: AnswerOption, place: int) -> tuple[str | int, str]:
    if one.value_coding is not None:
        key = option_key(one.value_coding.code)
        if not key:
            raise Unsaid(f"has an answer without a code, its {place}.")
        return key, one.value_coding.display or one.value_coding.code
    if one.value_integer is not None:
        return one.value_integer, str(one.value_integer)
    if one.value_string:
        return f"o{place}", one.value_string
    raise Unsaid(f"has an answer that is no coding, text or number, its {place}.")


def _worth(one: AnswerOption) -> dict[str, Any]:
    """What an option is worth, and whether it stands alone; both may be said of the option or of its coding."""
    said = (*one.extension, *(one.value_coding.extension if one.value_coding else ()))
    found: dict[str, Any] = {}
    if (ordinal := of_kind(said, ORDINAL)) and ordinal.value_decimal is not None:
        if ordinal.value_decimal != int(ordinal.value_decimal):
            raise Unsaid(f"has an answer worth {ordinal.value_decimal}; only whole numbers are")
        found["weight"] = int(ordinal.value_decimal)
    if (alone := of_kind(said, EXCLUSIVE)) and alone.value_boolean:
        found["exclusive"] = True
    return found


def _number(item: Item) -> Answers:
    least, most = of_kind(item.extension, MIN_VALUE), of_kind(item.extension, MAX_VALUE)
    if least is None or most is None or least.value_integer is None or most.value_integer is None:
        raise Unsaid("is a number without minValue and maxValue")
    low, high = least.value_integer, most.value_integer
    ends = {ENDS[control]: one.text for one in item.item if (control := control_of(one)) in ENDS}
    kind = "scale" if control_of(item) == "slider" else "count"
    if kind == "scale" and len(ends) != len(ENDS):
        raise Unsaid("is a slider without words for both of its ends, as texts with the controls lower and upper")
    keys = tuple(range(low, min(high, low + 1000) + 1))  # how many there may be is asked later
    return Answers(kind, {"kind": kind, "min": low, "max": high}, ends if kind == "scale" else {}, keys)

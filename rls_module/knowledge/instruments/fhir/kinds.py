"""What FHIR's item types are here: kinds of questions, with their options, numbers and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rls_module.knowledge.instruments import limits
from rls_module.knowledge.instruments.fhir import values
from rls_module.knowledge.instruments.fhir.names import option_key
from rls_module.knowledge.instruments.fhir.resource import (
    EXCLUSIVE,
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL,
    PLACES,
    UNIT,
    AnswerOption,
    Initial,
    Item,
    control_of,
    of_kind,
)

ENDS = {"lower": "low", "upper": "high"}
OTHER = "other"  # the option that opens a line for own words
OTHER_LENGTH = 300
TEXT_LENGTH = {"string": 300, "text": 2000, "url": 2000}
DECIMALS = 6  # places of a decimal that says nothing of them
_CHOICES = ("choice", "open-choice")
_SEVERAL = ("text", "number", "date", "time", "moment", "url")
_ENDS = {"min": MIN_VALUE, "max": MAX_VALUE}


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
    found = _by_type(item)
    structure = dict(found.structure)
    if item.repeats and item.type not in _CHOICES:
        if structure["kind"] not in _SEVERAL:
            raise Unsaid("can be answered several times, which what is typed and a choice can")
        structure["several"] = True
    if initial := _initial(item, found):
        structure["initial"] = initial
    return Answers(found.kind, structure, found.words, found.keys)


def _by_type(item: Item) -> Answers:
    match item.type:
        case "boolean":
            labels = {"yes": "Yes", "no": "No"}
            options = [{"key": key} for key in labels]
            return Answers("choice", {"kind": "choice", "options": options}, {"options": labels}, tuple(labels))
        case "choice" | "open-choice":
            return _choice(item)
        case "integer" | "decimal" | "quantity":
            return _number(item)
        case "date" | "dateTime" | "time":
            return _moment(item)
        case "string" | "text" | "url":
            kind = "url" if item.type == "url" else "text"
            return Answers(kind, {"kind": kind, "max_length": item.max_length or TEXT_LENGTH[item.type]})
    raise Unsaid(f"is of the type {item.type!r}, which is not read")


def _moment(item: Item) -> Answers:
    kind = "moment" if item.type == "dateTime" else item.type
    structure: dict[str, Any] = {"kind": kind}
    for end, url in _ENDS.items():
        if found := of_kind(item.extension, url):
            said = {"date": found.value_date, "time": found.value_time, "moment": found.value_date_time}[kind]
            if said is None:
                raise Unsaid(f"has an end that is no {item.type}")
            structure[end] = values.moment(kind, said)
    return Answers(kind, structure)


def _initial(item: Item, found: Answers) -> list[str | int | float]:
    """Return what stands in the answer at first: said of the item, or of the options that are picked."""
    picked = [key for one, key in zip(item.answer_option, _keys(item), strict=False) if one.initial_selected]
    said = [*picked, *(_filled_in(one, item, found) for one in item.initial)]
    if len(said) > 1 and not item.repeats:
        raise Unsaid("begins with several answers and takes one")
    return said


def _keys(item: Item) -> list[str | int]:
    return [_option(one, place)[0] for place, one in enumerate(item.answer_option, start=1)]


def _filled_in(one: Initial, item: Item, found: Answers) -> str | int | float:
    quantity = one.value_quantity
    if quantity and (quantity.unit or quantity.code) not in ("", found.words.get("unit")):
        raise Unsaid("begins with a quantity in another unit than its own")
    moments = {"date": one.value_date, "time": one.value_time, "moment": one.value_date_time}
    said: list[str | int | float | None] = [
        None if one.value_boolean is None else "yes" if one.value_boolean else "no",
        one.value_integer,
        one.value_decimal,
        quantity.value if quantity else None,
        option_key(one.value_coding.code) if one.value_coding else None,
        one.value_uri,
        values.moment(found.kind, text) if (text := moments.get(found.kind)) else None,
    ]
    if one.value_string is not None:
        by_label = {label: key for key, label in found.words.get("options", {}).items()}
        said.append(by_label.get(one.value_string, one.value_string))
    given = [value for value in said if value is not None]
    if len(given) != 1:
        raise Unsaid(f"begins with an answer that is no {item.type}")
    return given[0]


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
    if said := one.value_date or one.value_time:
        return option_key(said), said
    if one.value_string:
        return f"o{place}", one.value_string
    raise Unsaid(f"has an answer that is no coding, text, number, day or time, its {place}.")


def _worth(one: AnswerOption) -> dict[str, Any]:
    """What an option is worth, and whether it stands alone; both may be said of the option or of its coding."""
    said = (*one.extension, *(one.value_coding.extension if one.value_coding else ()))
    found: dict[str, Any] = {}
    if (ordinal := of_kind(said, ORDINAL)) and ordinal.value_decimal is not None:
        worth = ordinal.value_decimal
        found["weight"] = int(worth) if worth == int(worth) else worth
    if (alone := of_kind(said, EXCLUSIVE)) and alone.value_boolean:
        found["exclusive"] = True
    return found


def _number(item: Item) -> Answers:
    """A whole number between two ends near each other is picked; any other number is typed."""
    ends = {end: _limit(item, url) for end, url in _ENDS.items() if of_kind(item.extension, url)}
    least, most = ends.get("min"), ends.get("max")
    is_slider = control_of(item) == "slider"
    if item.type == "integer" and isinstance(least, int) and isinstance(most, int) and not item.repeats:
        if is_slider:
            return _slider(item, least, most)
        if most - least < limits.MOST_NUMBERS:
            keys = tuple(range(least, most + 1))
            return Answers("count", {"kind": "count", **ends}, {}, keys)
    if is_slider:
        raise Unsaid("is a slider without whole numbers for both of its ends, minValue and maxValue")
    places = of_kind(item.extension, PLACES)
    decimals = {} if item.type == "integer" else {"decimals": DECIMALS}
    if decimals and places and places.value_integer is not None:
        decimals = {"decimals": min(places.value_integer, DECIMALS)}
    return Answers("number", {"kind": "number", **ends, **decimals}, _unit(item))


def _slider(item: Item, least: int, most: int) -> Answers:
    words = {ENDS[control]: one.text for one in item.item if (control := control_of(one)) in ENDS}
    if len(words) != len(ENDS):
        raise Unsaid("is a slider without words for both of its ends, as texts with the controls lower and upper")
    keys = tuple(range(least, min(most, least + limits.MOST_NUMBERS) + 1))  # how many there may be is asked later
    return Answers("scale", {"kind": "scale", "min": least, "max": most}, words, keys)


def _limit(item: Item, url: str) -> int | float:
    found = of_kind(item.extension, url)
    value = None if found is None else found.value_decimal if found.value_integer is None else found.value_integer
    if value is None:
        raise Unsaid(f"has an end that is no {item.type}")
    return value


def _unit(item: Item) -> dict[str, str]:
    found = of_kind(item.extension, UNIT)
    unit = (found.value_coding.display or found.value_coding.code) if found and found.value_coding else ""
    if item.type == "quantity" and not unit:
        raise Unsaid("is a quantity without the one unit that it is answered in (questionnaire-unit)")
    return {"unit": unit} if unit else {}

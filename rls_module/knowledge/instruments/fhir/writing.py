"""From an instrument to a FHIR R4 Questionnaire in one language, with a word on everything that FHIR can't say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rls_module.knowledge.instruments.definition import (
    Condition,
    Instrument,
    Item,
    ItemWords,
    Option,
    Value,
    Wording,
)
from rls_module.knowledge.instruments.fhir.conditions import COMPARED
from rls_module.knowledge.instruments.fhir.kinds import ENDS, OTHER
from rls_module.knowledge.instruments.fhir.names import slug
from rls_module.knowledge.instruments.fhir.resource import (
    CONTROL,
    CONTROLS,
    EXCLUSIVE,
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL,
    PLACES,
    UNIT,
)

# A question that a fact of the chart decides on must not be asked by a system that does not know the fact.
FACT = "urn:rls-module:asked-because-of"
# So must one with a condition that one list of enableWhen can't say.
NESTED = "urn:rls-module:asked-under-nested-conditions"
_TYPES = {
    "count": "integer", "scale": "integer", "text": "text", "date": "date", "time": "time", "moment": "dateTime",
    "url": "url", "info": "display",
}  # fmt: skip
_VALUES = {"date": "Date", "time": "Time", "moment": "DateTime", "url": "Uri"}
_ENDS = {"min": MIN_VALUE, "max": MAX_VALUE}
_OPERATORS = {ours: theirs for theirs, ours in COMPARED.items()}


@dataclass(frozen=True, slots=True)
class Writing:
    """A Questionnaire as JSON has it, and what of the instrument is not in it."""

    resource: dict[str, Any]
    left_out: tuple[str, ...]


def write(instrument: Instrument, language: str) -> Writing:
    """Return the instrument as a Questionnaire with the words of `language`; raises KeyError where it has none."""
    words = instrument.wording[language]
    items = [_introduction(words)] if words.introduction else []
    for page in instrument.pages:
        asked = [_item(instrument, item, words) for item in instrument.items if item.page == page]
        items.append({"linkId": f"page_{page}", "type": "group", "item": asked})
    resource = {
        "resourceType": "Questionnaire",
        "id": instrument.key.replace("_", "-"),
        "name": slug(instrument.key),
        "title": words.title,
        "version": str(instrument.version),
        "status": "active",
        "language": language,
        "publisher": instrument.source,
        "copyright": instrument.licence,
        "item": items,
    }
    return Writing(resource, tuple(_left_out(instrument, words)))


def _introduction(words: Wording) -> dict[str, Any]:
    return {"linkId": "introduction", "type": "display", "text": words.introduction}


def _item(instrument: Instrument, item: Item, words: Wording) -> dict[str, Any]:
    said = words.items[item.key]
    found = {"linkId": item.key, "text": said.text, "type": _type(item, said), **_answers(item, said)}
    if item.initial:
        found["initial"] = [_value(item, said, one) for one in item.initial]
    if item.required:
        found["required"] = True
    if item.kind == "multi" or item.repeat or item.several:
        found["repeats"] = True
    if item.repeat:
        found["modifierExtension"] = [{"url": FACT, "valueString": item.repeat}]
    if item.show_if:
        found |= _enable(instrument, item.show_if)
    if below := list(_below(item, said)):
        found["item"] = below
    return found


def _type(item: Item, said: ItemWords) -> str:
    if item.kind == "number":
        return "quantity" if said.unit else "decimal" if item.decimals else "integer"
    if item.kind not in ("choice", "multi", "clock"):
        return _TYPES[item.kind]
    return "open-choice" if any(_is_other(option) for option in item.options) else "choice"


def _is_other(option: Option) -> bool:
    return option.key == OTHER and option.max_length is not None


def _answers(item: Item, said: ItemWords) -> dict[str, Any]:
    if item.kind in ("text", "url"):
        return {"maxLength": item.max_length}
    if item.kind in ("count", "scale", "number", "date", "time", "moment"):
        return {"extension": extensions} if (extensions := list(_extensions(item, said))) else {}
    if not item.is_asked:
        return {}
    return {"answerOption": [_option(one, said) for one in item.choices if not _is_other(one)]}


def _extensions(item: Item, said: ItemWords) -> Iterator[dict[str, Any]]:
    for end, url in _ENDS.items():
        if (limit := getattr(item, end)) is not None:
            yield {"url": url, **_plain(item, limit, "value")}
    if item.kind == "scale":
        yield _control("slider")
    if item.kind == "number" and item.decimals:
        yield {"url": PLACES, "valueInteger": item.decimals}
    if said.unit:
        yield {"url": UNIT, "valueCoding": {"code": said.unit, "display": said.unit}}


def _plain(item: Item, value: Value, prefix: str) -> dict[str, Any]:
    """Return a value that is no coding, under the name that its type has behind `prefix`."""
    if item.kind in _VALUES and prefix + _VALUES[item.kind] != "answerUri":
        seconds = ":00" if item.kind in ("time", "moment") else ""
        return {prefix + _VALUES[item.kind]: f"{value}{seconds}"}
    if isinstance(value, str):
        return {f"{prefix}String": value}
    return {f"{prefix}{'Integer' if isinstance(value, int) else 'Decimal'}": value}


def _value(item: Item, said: ItemWords, value: Value) -> dict[str, Any]:
    if item.option(value):
        return {"valueCoding": {"code": str(value)}}
    if said.unit:
        return {"valueQuantity": {"value": value, "unit": said.unit}}
    return _plain(item, value, "value")


def _option(option: Option, said: ItemWords) -> dict[str, Any]:
    extensions: list[dict[str, Any]] = []
    if option.weight is not None:
        extensions.append({"url": ORDINAL, "valueDecimal": option.weight})
    if option.exclusive:
        extensions.append({"url": EXCLUSIVE, "valueBoolean": True})
    coding = {"valueCoding": {"code": option.name, "display": said.label(option.key)}}
    return coding | ({"extension": extensions} if extensions else {})


def _below(item: Item, said: ItemWords) -> Iterator[dict[str, Any]]:
    texts = {control: getattr(said, field) for control, field in ENDS.items()} | {
        "help": said.hint,
        "inline": said.note,
    }
    for control, text in texts.items():
        if text:
            yield {
                "linkId": f"{item.key}_{control}", "type": "display", "text": text, "extension": [_control(control)],
            }  # fmt: skip


def _control(code: str) -> dict[str, Any]:
    return {"url": CONTROL, "valueCodeableConcept": {"coding": [{"system": CONTROLS, "code": code}]}}


def _enable(instrument: Instrument, condition: Condition) -> dict[str, Any]:
    if facts := [fact for one in condition.alone() if (fact := one.fact or one.below_fact)]:
        return {"modifierExtension": [{"url": FACT, "valueString": fact} for fact in facts]}
    clauses, behaviors = _clauses(instrument, condition)
    if len(behaviors) > 1:
        return {"modifierExtension": [{"url": NESTED, "valueBoolean": True}]}
    several = {"enableBehavior": behaviors.pop() if behaviors else "all"} if len(clauses) > 1 else {}
    return {"enableWhen": clauses, **several}


def _clauses(instrument: Instrument, condition: Condition) -> tuple[list[dict[str, Any]], set[str]]:
    """Return what a condition asks as FHIR has it, and how its parts hang together: at most one way can be said."""
    if inner := condition.all or condition.any:
        parts = [_clauses(instrument, one) for one in inner]
        behaviors = {"all" if condition.all else "any"}.union(*(one for _clauses, one in parts))
        return [clause for clauses, _behaviors in parts for clause in clauses], behaviors
    question = instrument.item(condition.item)
    if condition.answered is not None:
        return [_clause(condition.item, "exists", {"answerBoolean": condition.answered})], set()
    if condition.limit:
        name, limit = condition.limit
        return [_clause(condition.item, _OPERATORS[name], _plain(question, limit, "answer"))], set()
    keys, operator = (condition.any_of, "=") if condition.any_of else (condition.none_of, "!=")
    clauses = [_clause(condition.item, operator, _answer(question, key)) for key in keys]
    return clauses, {"any" if condition.any_of else "all"} if len(keys) > 1 else set()


def _clause(question: str, operator: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {"question": question, "operator": operator, **answer}


def _answer(question: Item, value: Value) -> dict[str, Any]:
    return {"answerCoding": {"code": str(value)}} if question.options else _plain(question, value, "answer")


def _left_out(instrument: Instrument, words: Wording) -> Iterator[str]:
    items = instrument.items
    told = {
        "what an answer is worth over time": [item for item in items if item.measure],
        "the essential criterion it speaks to": [item for item in items if item.criterion],
        "that it belongs to baseline or follow-up only": [item for item in items if item.when != "both"],
        "the line for own words beside an answer": [
            item for item in items if any(one.max_length and not _is_other(one) for one in item.options)
        ],
        "that its answers are hours": [item for item in items if item.kind == "clock"],
        "a condition made of several that FHIR can't nest": [
            item for item in items if item.show_if and len(_ways(instrument, item.show_if)) > 1
        ],
        "its short name for staff": [item for item in items if words.items[item.key].short],
    }
    for what, of in told.items():
        if of:
            yield f"{what}: {', '.join(item.key for item in of)}"
    others = {
        "totals and their bands": instrument.scores,
        "remarks beside answers": instrument.notices,
        "comparable versions": instrument.comparable_with,
    }
    yield from (what for what, of in others.items() if of)
    if len(instrument.wording) > 1:
        yield f"the words in other languages than {words.language}"


def _ways(instrument: Instrument, condition: Condition) -> set[str]:
    """Return how the parts of a condition hang together; none where a fact decides, which is told elsewhere."""
    if any(one.fact or one.below_fact for one in condition.alone()):
        return set()
    return _clauses(instrument, condition)[1]

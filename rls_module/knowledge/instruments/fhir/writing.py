"""From an instrument to a FHIR R4 Questionnaire in one language, with a word on everything that FHIR can't say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rls_module.knowledge.instruments.definition import Condition, Instrument, Item, ItemWords, Option, Wording
from rls_module.knowledge.instruments.fhir.kinds import ENDS, OTHER
from rls_module.knowledge.instruments.fhir.names import slug
from rls_module.knowledge.instruments.fhir.resource import (
    CONTROL,
    CONTROLS,
    EXCLUSIVE,
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL,
)

# A question that a fact of the chart decides on must not be asked by a system that does not know the fact.
FACT = "urn:rls-module:asked-because-of"
_TYPES = {"count": "integer", "scale": "integer", "text": "text"}


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
    found = {"linkId": item.key, "text": said.text, "type": _type(item), **_answers(item, said)}
    if item.required:
        found["required"] = True
    if item.kind == "multi" or item.repeat:
        found["repeats"] = True
    if item.repeat:
        found["modifierExtension"] = [{"url": FACT, "valueString": item.repeat}]
    if item.show_if:
        found |= _enable(instrument, item.show_if)
    if below := list(_below(item, said)):
        found["item"] = below
    return found


def _type(item: Item) -> str:
    if item.kind not in ("choice", "multi", "clock"):
        return _TYPES[item.kind]
    return "open-choice" if any(_is_other(option) for option in item.options) else "choice"


def _is_other(option: Option) -> bool:
    return option.key == OTHER and option.max_length is not None


def _answers(item: Item, said: ItemWords) -> dict[str, Any]:
    if item.kind == "text":
        return {"maxLength": item.max_length}
    if item.numbers:
        ends = [{"url": MIN_VALUE, "valueInteger": item.min}, {"url": MAX_VALUE, "valueInteger": item.max}]
        return {"extension": [*ends, _control("slider")] if item.kind == "scale" else ends}
    return {"answerOption": [_option(one, said) for one in item.choices if not _is_other(one)]}


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
    if condition.fact or condition.below_fact:
        return {"modifierExtension": [{"url": FACT, "valueString": condition.fact or condition.below_fact}]}
    question = instrument.item(condition.item)
    keys = condition.any_of or condition.none_of
    clauses = [
        {"question": condition.item, "operator": "=" if condition.any_of else "!=", **_answer(question, key)}
        for key in keys
    ]
    several = {"enableBehavior": "any" if condition.any_of else "all"} if len(clauses) > 1 else {}
    return {"enableWhen": clauses, **several}


def _answer(question: Item, key: str | float) -> dict[str, Any]:
    if isinstance(key, float):
        return {"answerDecimal": key}
    return {"answerInteger": key} if question.numbers else {"answerCoding": {"code": str(key)}}


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
        "its short name for staff": [item for item in items if words.items[item.key].short],
    }
    for what, of in told.items():
        if of:
            yield f"{what}: {', '.join(item.key for item in of)}"
    others = {"remarks beside answers": instrument.notices, "comparable versions": instrument.comparable_with}
    yield from (what for what, of in others.items() if of)
    if len(instrument.wording) > 1:
        yield f"the words in other languages than {words.language}"

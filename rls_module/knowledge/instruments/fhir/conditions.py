"""FHIR's enableWhen as the condition that an item may have here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

from rls_module.knowledge.instruments.fhir import values
from rls_module.knowledge.instruments.fhir.names import option_key
from rls_module.knowledge.instruments.fhir.resource import EnableWhen, Item

Table = dict[str, Any]
COMPARED = {">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}
_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}
_NUMBERS = ("count", "scale", "number")
_MOMENTS = ("date", "time", "moment")


class Unsaid(ValueError):
    """A condition that has no counterpart; its words say why."""


@dataclass(frozen=True, slots=True)
class Question:
    """An earlier question that a condition may name: its key, its kind, the answers it is limited to, and its unit."""

    key: str
    kind: str
    keys: tuple[str | int, ...] = ()
    unit: str = ""


def show_if(item: Item, earlier: Mapping[str, Question]) -> Table | None:
    """Return when an item is asked for its own part, or None for always; raises Unsaid.

    `earlier` are the questions before it by linkId: a condition on a later one could never be met, and two that
    wait for each other neither.
    """
    if not item.enable_when:
        return None
    if len(item.enable_when) > 1 and item.enable_behavior is None:
        raise Unsaid("has several conditions and no enableBehavior")
    behavior = item.enable_behavior or "all"
    clauses = [_clause(one, _question(one, earlier)) for one in item.enable_when]
    return _merged(clauses, behavior) or (clauses[0] if len(clauses) == 1 else {behavior: clauses})


def together(conditions: Iterable[Table | None]) -> Table | None:
    """Return the condition that all of these hold, those of the groups around an item and its own; None for always."""
    found: list[Table] = []
    for one in filter(None, conditions):
        found += [inner for inner in one.get("all", [one]) if inner not in found]
    if len(found) > 1:
        return {"all": found}
    return found[0] if found else None


def _question(one: EnableWhen, earlier: Mapping[str, Question]) -> Question:
    question = earlier.get(one.question)
    if question is None:
        raise Unsaid(f"waits for {one.question!r}, which is not a question before it")
    return question


def _clause(one: EnableWhen, question: Question) -> Table:
    if one.operator == "exists":
        if one.answer_boolean is None:
            raise Unsaid("has a condition 'exists' without answerBoolean")
        return {"item": question.key, "answered": one.answer_boolean}
    answer = _answer(one, question)
    if one.operator not in COMPARED:
        if question.keys and answer not in question.keys:
            raise Unsaid(f"waits for {str(answer)[:40]!r}, which is no answer to {one.question!r}")
        return {"item": question.key, "none_of" if one.operator == "!=" else "any_of": [answer]}
    if question.kind not in (*_NUMBERS, *_MOMENTS):
        raise Unsaid(f"has a condition {one.operator!r} on something that is neither a number nor a day or time")
    if question.keys and not any(_HOLDS[one.operator](key, answer) for key in question.keys):
        raise Unsaid("has a condition that is never met")
    return {"item": question.key, COMPARED[one.operator]: answer}


def _answer(one: EnableWhen, question: Question) -> str | int | float:
    """Return what an answer is held against, in the form in which answers to that question are kept."""
    found: object = None
    match question.kind:
        case "number" if one.answer_quantity is not None:
            unit = one.answer_quantity.unit or one.answer_quantity.code
            if unit and unit != question.unit:
                raise Unsaid(f"has a condition in {unit[:40]!r}, and its question has {question.unit!r}")
            found = one.answer_quantity.value
        case "count" | "scale" | "number":
            found = one.answer_integer if one.answer_decimal is None else one.answer_decimal
        case "date" | "time" | "moment":
            said = {"date": one.answer_date, "time": one.answer_time, "moment": one.answer_date_time}[question.kind]
            found = said and values.moment(question.kind, said)
        case "text" | "url":
            found = one.answer_string
        case _ if one.answer_boolean is not None:
            found = "yes" if one.answer_boolean else "no"
        case _ if one.answer_coding is not None:
            found = option_key(one.answer_coding.code)
        case _:
            found = one.answer_integer if one.answer_string is None else option_key(one.answer_string)
    if not isinstance(found, str | int | float) or found == "":
        raise Unsaid(f"has a condition on an answer that {one.question!r} does not have")
    return found


def _merged(clauses: Sequence[Table], behavior: str) -> Table | None:
    """Return one condition where several ask for one of these answers to a question, or for none of these."""
    form = "any_of" if behavior == "any" else "none_of"
    if len({one["item"] for one in clauses}) > 1 or not all(form in one for one in clauses):
        return None
    return {"item": clauses[0]["item"], form: [answer for one in clauses for answer in one[form]]}

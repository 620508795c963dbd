"""FHIR's enableWhen as the one condition that an item may have here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import ge, gt, le, lt
from typing import Any

from rls_module.knowledge.instruments.fhir.names import option_key
from rls_module.knowledge.instruments.fhir.resource import EnableWhen, Item

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}


class Unsaid(ValueError):
    """A condition that has no counterpart; its words say why."""


@dataclass(frozen=True, slots=True)
class Question:
    """An earlier question that a condition may name: its key, its kind, and every answer to it but a text."""

    key: str
    kind: str
    keys: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Clause:
    """Holds when one of `answers` was given, or, where it is `negative`, when none of them was."""

    answers: frozenset[str | int]
    negative: bool = False


def show_if(item: Item, earlier: Mapping[str, Question]) -> dict[str, Any] | None:
    """Return when an item is asked, or None for always; raises Unsaid.

    `earlier` are the questions before it by linkId: a condition on a later one could never be met, and two that
    wait for each other neither.
    """
    if not item.enable_when:
        return None
    named = {one.question for one in item.enable_when}
    if len(named) > 1:
        raise Unsaid("is asked because of answers to several questions; here one question decides")
    question = earlier.get(item.enable_when[0].question)
    if question is None:
        raise Unsaid(f"waits for {item.enable_when[0].question!r}, which is not a question before it")
    if not question.keys:
        raise Unsaid(f"waits for {item.enable_when[0].question!r}, whose answer is a text")
    if len(item.enable_when) > 1 and item.enable_behavior is None:
        raise Unsaid("has several conditions and no enableBehavior")
    clause = _joined([_clause(one, question) for one in item.enable_when], item.enable_behavior or "all", question)
    if not clause.answers:
        raise Unsaid("has a condition that is always or never met")
    inside = [key for key in question.keys if key in clause.answers]
    return {"item": question.key, "none_of" if clause.negative else "any_of": inside}


def _clause(one: EnableWhen, question: Question) -> _Clause:
    everything = frozenset(question.keys)
    if one.operator == "exists":
        if one.answer_boolean is None:
            raise Unsaid("has a condition 'exists' without answerBoolean")
        return _Clause(everything, negative=not one.answer_boolean)
    if one.operator in _ORDERS:
        if question.kind not in ("count", "scale") or one.answer_integer is None:
            raise Unsaid(f"has a condition {one.operator!r} on something that is no whole number")
        limit, holds = one.answer_integer, _ORDERS[one.operator]
        return _Clause(frozenset(key for key in question.keys if holds(key, limit)))
    answer = _answer(one)
    if answer not in everything:
        raise Unsaid(f"waits for {str(answer)[:40]!r}, which is no answer to {one.question!r}")
    return _Clause(frozenset({answer}), negative=one.operator == "!=")


def _answer(one: EnableWhen) -> str | int:
    if one.answer_boolean is not None:
        return "yes" if one.answer_boolean else "no"
    if one.answer_integer is not None:
        return one.answer_integer
    if one.answer_coding is not None:
        return option_key(one.answer_coding.code)
    raise Unsaid("has a condition on an answer that is no coding, whole number or yes and no")


def _joined(clauses: list[_Clause], behavior: str, question: Question) -> _Clause:
    """Join clauses on one question where one clause says the same."""
    first, *rest = clauses
    if not rest:
        return first
    found = [one.answers for one in clauses]
    are_negative = {one.negative for one in clauses}
    if are_negative == {False} and behavior == "any":
        return _Clause(frozenset.union(*found))
    if are_negative == {True} and behavior == "all":
        return _Clause(frozenset.union(*found), negative=True)
    if are_negative == {False} and question.kind != "multi":
        return _Clause(reduce(frozenset.intersection, found))
    raise Unsaid("mixes conditions in a way that one condition here can't say")

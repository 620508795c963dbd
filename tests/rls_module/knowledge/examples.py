"""What the tests of the knowledge package share: facts of a chart, and Hypothesis strategies for answers."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Instrument, Item

quick = settings(max_examples=25, deadline=None, derandomize=True, database=None)

FILM = {"n": 1, "ref": "6f1c", "name": "sit through a film"}
DINNER = {"n": 2, "ref": "92ab", "name": "dinner with {friends}"}

PLAIN: dict[str, Any] = {"since": "October 12"}
FULL: dict[str, Any] = {
    "activities": [FILM, DINNER],
    "home_programme": True,
    "planned_days": 5,
    "dopaminergic": True,
    "since": "October 12",
}


def facts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "activities": st.sampled_from([[], [FILM], [FILM, DINNER]]),
            "home_programme": st.booleans(),
            "planned_days": st.integers(0, 7),
            "dopaminergic": st.booleans(),
            "since": st.just("October 12"),
        }
    )


def phases() -> st.SearchStrategy[Any]:
    return st.sampled_from(["baseline", "followup"])


def answer(item: Item) -> st.SearchStrategy[Any]:
    """A valid answer to an item."""
    match item.kind:
        case "choice" | "clock":
            return st.sampled_from([option.key for option in item.choices])
        case "count" | "scale":
            return st.sampled_from(item.numbers)
        case "text":
            return st.sampled_from(["a note", "una nota: ¿sí?", "two\nlines"])
        case "multi":
            several = [option.key for option in item.options if not option.exclusive]
            exclusive = [[option.key] for option in item.options if option.exclusive]
            some = st.lists(st.sampled_from(several), min_size=1, unique=True)
            return st.one_of(some, st.sampled_from(exclusive)) if exclusive else some


@st.composite
def sittings(draw: st.DrawFn, instrument: Instrument) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Answers given one question after the other, as a patient would, with the facts and the phase."""
    chart, phase = draw(facts()), draw(phases())
    answers: dict[str, Any] = {}
    seen: set[str] = set()
    while True:
        asked = branching.questions(instrument, answers=answers, facts=chart, phase=phase)
        question = next((one for one in asked if one.name not in seen), None)
        if question is None:
            return answers, chart, phase
        seen.add(question.name)
        if question.item.required or draw(st.booleans()):
            answers[question.name] = draw(answer(question.item))
            if question.item.kind == "multi" and "other" in answers[question.name] and draw(st.booleans()):
                answers[f"{question.name}.other"] = "left ear"


@st.composite
def heaps(draw: st.DrawFn, instrument: Instrument) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Valid answers to any of the items at once, also where a branch hides them, with the facts and the phase."""
    chart, phase = draw(facts()), draw(phases())
    names = {item.key: item for item in instrument.items if not item.repeat}
    names |= {f"{item.key}.{n}": item for item in instrument.items if item.repeat for n in (1, 2)}
    return {name: draw(answer(item)) for name, item in names.items() if draw(st.booleans())}, chart, phase

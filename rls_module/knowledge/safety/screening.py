"""What the five-question screen says to staff. It is a screen, not a diagnosis, and the patient sees no result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rls_module.knowledge.files import Frozen
from rls_module.knowledge.safety.criteria import Answer, CriterionAnswers

ALGORITHM = "1"
OFTEN_NIGHTS = 2  # nights in a usual week from which the tag "often" is set (project design)

Result = Literal["fits", "unclear", "does_not_fit"]

# Words for staff, language -> result -> words.
WORDS: Mapping[str, Mapping[Result, str]] = {
    "en": {
        "does_not_fit": "Does not fit the pattern.",
        "unclear": "Not clear yet. Ask how strong it has become, and about medicines.",
        "fits": "Fits the pattern. This is a screen, not a diagnosis.",
    },
    "es": {
        "does_not_fit": "No corresponde al patrón.",
        "unclear": "Aún no está claro. Pregunte qué tan fuerte se ha vuelto, y por los medicamentos.",
        "fits": "Corresponde al patrón. Esto es un cribado, no un diagnóstico.",
    },
}


class ScreenResult(Frozen):
    """The result with what the intake takes over, to be confirmed there: E1 to E4, now and past."""

    result: Result
    criteria: Mapping[Literal["E1", "E2", "E3", "E4"], CriterionAnswers]
    tags: tuple[Literal["often"], ...] = ()
    algorithm: str = ALGORITHM


def screen_result(said: Mapping[str, str], *, nights: object = None) -> ScreenResult:
    """Return the result of a screen; the first that fits of does_not_fit, unclear, fits.

    `said`: "E1".."E4" -> yes, no, unsure or past, and "E3.past", "E4.past" -> yes, no or unsure, as
    `instruments.scoring.criteria` returns them; unanswered ones are left out. "past" becomes: now no, in the past as
    answered. `nights`: whole nights in a usual week, anything else is no number. The nights never change the result.
    Raises ValueError for another answer. Source: project design.
    """
    criteria = {key: _answers(said, key) for key in ("E1", "E2", "E3", "E4")}
    is_often = isinstance(nights, int) and not isinstance(nights, bool) and nights >= OFTEN_NIGHTS
    return ScreenResult.model_validate(
        {"result": _result(said), "criteria": criteria, "tags": ("often",) if is_often else ()}
    )


def _result(said: Mapping[str, str]) -> Result:
    if "no" in said.values():
        return "does_not_fit"
    return "fits" if all(said.get(key) == "yes" for key in ("E1", "E2", "E3", "E4")) else "unclear"


def _answers(said: Mapping[str, str], key: str) -> CriterionAnswers:
    value = said.get(key)
    if value == "past":
        return CriterionAnswers(current="no", past=_answer(said.get(f"{key}.past"), key))
    return CriterionAnswers(current=_answer(value, key))


def _answer(value: str | None, key: str) -> Answer | None:
    match value:
        case None | "yes" | "no" | "unsure":
            return value
        case _:
            raise ValueError(f"{value!r} is not an answer to {key}")

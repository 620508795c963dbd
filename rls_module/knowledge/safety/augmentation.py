"""The augmentation screen: has a medicine begun to worsen what it treats? Tells whom to ask, never what to take.

Only for whoever takes or took a dopaminergic medicine or tramadol. Every input is yes, no or unknown, and so is every
part of the result. Source: domain reference 4.4, after the Max Planck Institute definition (Garcia-Borreguero et al.,
Sleep Med 2007;8:520).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from rls_module.knowledge.files import Frozen
from rls_module.knowledge.safety.alert_conditions import minutes_earlier

ALGORITHM = "1"

Answer = Literal["yes", "no", "unknown"]
Result = Literal["pattern", "possible", "none", "not_screened"]
Question = Literal[
    "most_days",
    "unexplained",
    "earlier_response",
    "paradoxical",
    "shorter_rest",
    "spread",
    "stronger",
    "shorter_relief",
]

MUCH_EARLIER = 240  # minutes: by itself enough beside the rest
EARLIER = 120  # minutes: enough together with one more sign

_RESULTS: Mapping[Answer, Result] = {"yes": "pattern", "unknown": "possible", "no": "none"}

QUESTIONS: Mapping[str, Mapping[Question, str]] = {
    "en": {
        "most_days": "Worse on at least 5 of the last 7 days",
        "unexplained": "Nothing else explains it: no other change of medicine, iron, sleep, illness or activity",
        "earlier_response": "The medicine helped well at first",
        "paradoxical": "Worse some time after the dose went up, better after it went down",
        "shorter_rest": "It starts after a shorter rest than before",
        "spread": "It has moved to other parts of the body",
        "stronger": "It is stronger than before treatment",
        "shorter_relief": "A dose helps for a shorter time than before",
    },
    "es": {
        "most_days": "Peor al menos 5 de los últimos 7 días",
        "unexplained": "Nada más lo explica: ni otro cambio de medicina, hierro, sueño, enfermedad o actividad",
        "earlier_response": "Al principio el medicamento ayudó bien",
        "paradoxical": "Peor un tiempo después de subir la dosis, mejor después de bajarla",
        "shorter_rest": "Empieza tras un reposo más corto que antes",
        "spread": "Se ha extendido a otras partes del cuerpo",
        "stronger": "Es más fuerte que antes del tratamiento",
        "shorter_relief": "Una dosis ayuda menos tiempo que antes",
    },
}
RESULT_WORDS: Mapping[str, Mapping[Result, str]] = {
    "en": {
        "pattern": "Augmentation pattern: refer to the prescriber",
        "possible": "Augmentation possible: ask the prescriber",
        "none": "No augmentation pattern",
        "not_screened": "Not screened",
    },
    "es": {
        "pattern": "Patrón de potenciación: remitir a quien receta",
        "possible": "Potenciación posible: preguntar a quien receta",
        "none": "Sin patrón de potenciación",
        "not_screened": "Sin cribado",
    },
}


class AugmentationAnswers(Frozen, strict=False):
    """One sitting. Clock times are minutes after midnight, None where nobody knows.

    `much_earlier` and `earlier` are a clinician's own judgement of the clock, where it differs from the times.
    """

    most_days: Answer = "unknown"
    unexplained: Answer = "unknown"
    earlier_response: Answer = "unknown"
    paradoxical: Answer = "unknown"
    shorter_rest: Answer = "unknown"
    spread: Answer = "unknown"
    stronger: Answer = "unknown"
    shorter_relief: Answer = "unknown"
    start_before: int | None = None  # before any treatment
    start_now: int | None = None
    much_earlier: Answer | None = None
    earlier: Answer | None = None


class AugmentationResult(Frozen):
    """The result with its parts: A (lasting, unexplained, after a response), B (paradoxical), C1 and C2 (the clock)."""

    result: Result
    a: Answer
    b: Answer
    c1: Answer
    c2: Answer
    minutes: int | None = None  # how much earlier it starts than before treatment
    algorithm: str = ALGORITHM


def screen(answers: AugmentationAnswers) -> AugmentationResult:
    """Return whether the answers show the pattern: A together with B, C1 or C2; times alone are no answer."""
    minutes = _minutes(answers)
    a = all_of([answers.most_days, answers.unexplained, answers.earlier_response])
    b = answers.paradoxical
    c1 = answers.much_earlier or _by_clock(minutes, least=MUCH_EARLIER)
    by_clock = answers.earlier or _by_clock(minutes, least=EARLIER, below=MUCH_EARLIER)
    signs = any_of([answers.shorter_rest, answers.spread, answers.stronger, answers.shorter_relief])
    c2 = all_of([by_clock, signs])
    said = all_of([a, any_of([b, c1, c2])])
    result = _RESULTS[said] if _is_answered(answers) else "not_screened"
    return AugmentationResult(result=result, a=a, b=b, c1=c1, c2=c2, minutes=minutes)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Return no if any is no, yes if all are yes, else unknown."""
    given = set(answers)
    return "no" if "no" in given else "unknown" if "unknown" in given else "yes"


def any_of(answers: Iterable[Answer]) -> Answer:
    """Return yes if any is yes, no if all are no, else unknown."""
    given = set(answers)
    return "yes" if "yes" in given else "unknown" if "unknown" in given else "no"


def words(result: str, language: str) -> str:
    """Return a result in words for staff; raises KeyError for what is none."""
    return RESULT_WORDS.get(language.partition("-")[0], RESULT_WORDS["en"])[result]  # type: ignore[index]


def said(answers: AugmentationAnswers, language: str) -> tuple[str, ...]:
    """Return in words which of the questions were answered with yes, in their order."""
    questions = QUESTIONS.get(language.partition("-")[0], QUESTIONS["en"])
    return tuple(words for key, words in questions.items() if getattr(answers, key) == "yes")


def _is_answered(answers: AugmentationAnswers) -> bool:
    """True where one question was answered; clock times stand in the chart already."""
    return answers.model_copy(update={"start_before": None, "start_now": None}) != AugmentationAnswers()


def _minutes(answers: AugmentationAnswers) -> int | None:
    if answers.start_before is None or answers.start_now is None:
        return None
    return minutes_earlier(answers.start_before, answers.start_now)


def _by_clock(minutes: int | None, *, least: int, below: int | None = None) -> Answer:
    if minutes is None:
        return "unknown"
    return "yes" if minutes >= least and (below is None or minutes < below) else "no"

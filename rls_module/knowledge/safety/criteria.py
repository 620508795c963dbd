"""The essential criteria E1 to E5 put together. Says "consistent with RLS", never "diagnosed by this form"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rls_module.knowledge.files import Frozen

ALGORITHM = "1"

Answer = Literal["yes", "no", "unsure"]
PastReason = Literal["very_severe", "treated", "augmented"]
Verdict = Literal["MET", "NOT_MET", "INCOMPLETE"]
Label = Literal["screen_positive", "past_pattern", "severity_seldom_hides", "name_the_mimic"]

# Words for staff, language -> label -> words.
LABELS: Mapping[str, Mapping[Label, str]] = {
    "en": {
        "screen_positive": "Screen positive - clinician review needed",
        "past_pattern": "Past pattern - set the reason, or leave",
        "severity_seldom_hides": "Severity alone seldom hides this - check",
        "name_the_mimic": "Name the other condition that explains it",
    },
    "es": {
        "screen_positive": "Cribado positivo: falta la revisión clínica",
        "past_pattern": "Patrón en el pasado: indique el motivo o déjelo así",
        "severity_seldom_hides": "La intensidad sola rara vez lo oculta: revise",
        "name_the_mimic": "Nombre la otra afección que lo explica",
    },
}


class CriterionAnswers(Frozen):
    """What was answered to one criterion, for now and for the past; None = not answered."""

    current: Answer | None = None
    past: Answer | None = None


class CriteriaAnswers(Frozen, strict=False):
    """One sitting, as rows hold it (lists will do).

    `past_reasons` and `e5` are a clinician's to set; who may is decided where they are stored.
    """

    e1: CriterionAnswers = CriterionAnswers()
    e2: CriterionAnswers = CriterionAnswers()
    e3: CriterionAnswers = CriterionAnswers()
    e4: CriterionAnswers = CriterionAnswers()
    e5: Literal["yes", "no"] | None = None
    past_reasons: frozenset[PastReason] = frozenset()
    mimic: str = ""  # what explains the symptoms, where e5 is no


class CriteriaResult(Frozen):
    """The verdict. `reasons`: the criteria that decide it or are missing (E1 to E5), or "mimic"."""

    result: Verdict
    reasons: tuple[str, ...] = ()
    from_past: tuple[str, ...] = ()  # criteria that count from the past
    past_reasons: tuple[PastReason, ...] = ()
    labels: tuple[Label, ...] = ()  # hints beside the result, never a change of it
    algorithm: str = ALGORITHM


def evaluate(answers: CriteriaAnswers) -> CriteriaResult:
    """Return MET, NOT_MET or INCOMPLETE with the reasons.

    A criterion answered "no" for now counts from the past if a reason is set why the pattern is lost now. A definite
    no wins over missing answers; unsure never counts as yes; E5 excludes what another condition explains alone.
    Source: IRLSSG consensus (Allen RP et al., Sleep Med 2014;15:860); what counts from the past: project design.
    """
    given = {"E1": answers.e1, "E2": answers.e2, "E3": answers.e3, "E4": answers.e4}
    effective = {key: _effective(one, answers.past_reasons) for key, one in given.items()}
    from_past = tuple(key for key, one in given.items() if one.current == "no" and effective[key] == "yes")
    result, reasons = _verdict(effective, answers.e5)
    return CriteriaResult(
        result=result,
        reasons=reasons,
        from_past=from_past,
        past_reasons=tuple(sorted(answers.past_reasons)),
        labels=_labels(answers, given=given, effective=effective, from_past=from_past),
    )


def _effective(one: CriterionAnswers, past_reasons: frozenset[PastReason]) -> Answer | None:
    if one.current != "no":
        return one.current
    return one.past if past_reasons else "no"


def _verdict(effective: Mapping[str, Answer | None], e5: str | None) -> tuple[Verdict, tuple[str, ...]]:
    refused = tuple(key for key, answer in effective.items() if answer == "no")
    if refused:
        return "NOT_MET", refused
    if e5 == "no":
        return "NOT_MET", ("mimic",)
    missing = tuple(key for key, answer in {**effective, "E5": e5}.items() if answer != "yes")
    return ("INCOMPLETE", missing) if missing else ("MET", ())


def _labels(
    answers: CriteriaAnswers,
    *,
    given: Mapping[str, CriterionAnswers],
    effective: Mapping[str, Answer | None],
    from_past: tuple[str, ...],
) -> tuple[Label, ...]:
    refused = [key for key, answer in effective.items() if answer == "no"]
    labels: list[Label] = []
    if answers.e5 is None and all(answer == "yes" for answer in effective.values()):
        labels.append("screen_positive")
    if refused and not answers.past_reasons and all(given[key].past == "yes" for key in refused):
        labels.append("past_pattern")
    if answers.past_reasons == {"very_severe"} and {"E1", "E2"} & set(from_past):
        labels.append("severity_seldom_hides")
    if not refused and answers.e5 == "no" and not answers.mimic.strip():
        labels.append("name_the_mimic")
    return tuple(labels)

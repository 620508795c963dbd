"""The essential criteria E1 to E5 put together. Says "consistent with RLS", never "diagnosed by this form"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


# What makes restless legs more likely and is never required. Source: IRLSSG consensus 2014, supportive features.
Supportive = Literal["limb_movements", "dopaminergic_response", "family", "no_profound_sleepiness"]
SUPPORTIVE: Mapping[str, Mapping[Supportive, str]] = {
    "en": {
        "limb_movements": "Periodic limb movements, asleep or awake, beyond what age explains",
        "dopaminergic_response": "A dopaminergic medicine helped, at least at first",
        "family": "A parent, brother, sister or child has it",
        "no_profound_sleepiness": "Less sleepy by day than such nights would explain",
    },
    "es": {
        "limb_movements": "Movimientos periódicos de piernas o brazos, dormido o despierto, más que a su edad",
        "dopaminergic_response": "Un medicamento dopaminérgico ayudó, al menos al principio",
        "family": "Lo tiene un padre, madre, hermano, hermana, hijo o hija",
        "no_profound_sleepiness": "Menos sueño de día de lo que tales noches explicarían",
    },
}

# The four minimal features of 1995, for comparison only: nothing is worked out from them, since in a blinded family
# study 16 % of people judged not to have restless legs satisfied all four features without the exclusion step.
# Source: domain reference 1.1. None: it has no counterpart, movement that relieves took its place in 2003.
Older = Literal["L1", "L2", "L3", "L4"]
OLDER_FROM: Mapping[Older, tuple[str, ...]] = {"L1": ("E1",), "L2": (), "L3": ("E2", "E3"), "L4": ("E4",)}
OLDER: Mapping[str, Mapping[Older, str]] = {
    "en": {
        "L1": "A wish to move the limbs, usually with a strange or unpleasant feeling",
        "L2": "Motor restlessness",
        "L3": "Worse, or only, at rest, with at least passing relief by activity",
        "L4": "Worse in the evening or at night",
    },
    "es": {
        "L1": "Deseo de mover las extremidades, casi siempre con una sensación extraña o desagradable",
        "L2": "Inquietud motora",
        "L3": "Peor, o solo, en reposo, con alivio al menos pasajero al moverse",
        "L4": "Peor por la tarde o la noche",
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


def older(answers: CriteriaAnswers) -> dict[Older, Answer | None]:
    """Return how the features of 1995 stand by the answers to the criteria of today; None: it can't be said."""
    given = {"E1": answers.e1, "E2": answers.e2, "E3": answers.e3, "E4": answers.e4}
    effective = {key: _effective(one, answers.past_reasons) for key, one in given.items()}
    return {key: _together([effective[one] for one in parts]) for key, parts in OLDER_FROM.items()}


def _together(answers: Sequence[Answer | None]) -> Answer | None:
    """A feature of several parts: no if any is no, yes if all are, not said where one is not."""
    if "no" in answers:
        return "no"
    return None if None in answers or not answers else "unsure" if "unsure" in answers else "yes"


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

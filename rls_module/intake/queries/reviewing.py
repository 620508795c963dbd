"""What a patient sent in ahead, and how far the therapist's review of it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from rls_module.cases.models import Case, Response
from rls_module.intake.models import Intake
from rls_module.intake.queries.intakes import facts_of, instrument_of, sent_answers
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Wording
from rls_module.knowledge.protocols import ahead


@dataclass(frozen=True, slots=True)
class Difference:
    """One question to which the therapist holds another answer than the patient gave; both in words."""

    text: str
    patient: str
    therapist: str


def sent_in() -> QuerySet[Response]:
    """Return the intakes that patients answered alone and no therapist has been through yet, the newest first.

    Of several that one patient sent in, only the last one is looked at.
    """
    answered = Response.objects.filter(
        mode=Response.Mode.SELF_WEB, state=Response.State.FINAL, instruments__has_key=ahead.INSTRUMENT
    )
    newer = answered.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    open_ones = answered.filter(~Exists(newer), Q(review=None) | Q(review__status=Intake.Status.DRAFT))
    return open_ones.select_related("chart__patient", "case").order_by("-answered_at", "-pk")


def unreviewed(case: Case) -> Response | None:
    """Return what the patient of a case sent in last, until the therapist has been through it."""
    return sent_in().filter(case=case).first()


def differences(intake: Intake, language: str) -> list[Difference]:
    """Return where patient and therapist differ, in the order asked; nothing where the patient sent nothing."""
    if intake.sent is None:
        return []
    instrument, sent = instrument_of(intake), sent_answers(intake)
    words = instrument.words(language)
    wider = {**sent, **intake.answers}
    return [
        Difference(
            words.items[question.item.key].text,
            spelled(question, sent, words),
            spelled(question, intake.answers, words),
        )
        for question in branching.questions(instrument, answers=wider, facts=facts_of(intake), phase="baseline")
        if _given(question, sent) != _given(question, intake.answers)
    ]


def differs(question: branching.Question, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True where two sets of answers do not say the same to a question, its written words included."""
    return _given(question, one) != _given(question, other)


def spelled(question: branching.Question, answers: Mapping[str, Any], words: Wording) -> str:
    """Return an answer in words, with what was written beside it; a dash where there is none."""
    said, value = words.items[question.item.key], answers.get(question.name)
    picked = value if isinstance(value, list) else [] if value is None else [value]
    labels = [said.label(one) if str(one) in said.options else str(one) for one in picked]
    written = [str(answers[name]) for name in answers if name.startswith(f"{question.name}.")]
    return (", ".join(labels) or "–") + (f": {'; '.join(written)}" if written else "")


def _given(question: branching.Question, answers: Mapping[str, Any]) -> dict[str, Any]:
    mine = (question.name, f"{question.name}.")
    given = {name: value for name, value in answers.items() if name == mine[0] or name.startswith(mine[1])}
    return {name: sorted(value) if isinstance(value, list) else value for name, value in given.items()}

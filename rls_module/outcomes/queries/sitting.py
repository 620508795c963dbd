"""One sitting as it was asked and answered: the pinned version's own words, whatever has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from rls_module.cases.models import Activity, Response
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Instrument, Phase, Wording
from rls_module.questionnaire import in_words


@dataclass(frozen=True, slots=True)
class Line:
    """One question and what was answered, or why there is no answer."""

    text: str
    answer: str
    is_answered: bool


def lines(response: Response, language: str) -> list[Line]:
    """Return the sitting's questions and answers in order, in `language` where the pinned version has it."""
    found: list[Line] = []
    for key, version in response.instruments.items():
        instrument = followup_queries.instrument_of_response(response, key, version)
        found += _lines(instrument, response, _facts(response), instrument.words(language))
    return found


def response_of(occurrence: Occurrence) -> Response | None:
    """Return the response that answers an occurrence, if it was sent in."""
    return Response.objects.filter(occurrence=occurrence).first()


def _of(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    prefix = f"{key}."
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _facts(response: Response) -> dict[str, Any]:
    occurrence = Occurrence.objects.filter(response=response).first()
    if occurrence is not None:
        facts = followup_queries.facts_of(occurrence)
        return {**facts, "since": formats.date_format(date.fromisoformat(facts["since"]), "DATE_FORMAT")}
    named = Activity.objects.filter(case=response.case, created_at__lte=response.created_at).order_by("position")
    return {"activities": [{"n": row.position, "ref": str(row.uuid), "name": row.text} for row in named], "since": "…"}


def _lines(instrument: Instrument, response: Response, facts: Mapping[str, Any], words: Wording) -> Iterator[Line]:
    answers, missing = _of(response.answers, instrument.key), _of(response.missing, instrument.key)
    phase: Phase = "followup" if response.phase == "followup" else "baseline"
    why = {"skipped": _("left empty"), "not_reached": _("not reached")}
    for question in branching.questions(instrument, answers=answers, facts=facts, phase=phase):
        if not question.item.is_asked:
            continue
        said = branching.filled(words.items[question.item.key].text, question.piped)
        if question.name in answers:
            yield Line(said, _answer(question, answers, words), is_answered=True)
        else:
            yield Line(said, why.get(missing.get(question.name, ""), _("no answer")), is_answered=False)


def _answer(question: branching.Question, answers: Mapping[str, Any], words: Wording) -> str:
    said = in_words(question.item, words.items[question.item.key], answers[question.name])
    written = [
        str(answers[name]) for name in answers if name.startswith(f"{question.name}.") and question.item.repeat is None
    ]
    return said + (f": {'; '.join(written)}" if written else "")

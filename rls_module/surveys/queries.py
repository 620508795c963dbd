"""Reads of the patient's room: what was saved so far, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import formats, translation

from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Instrument, Phase
from rls_module.surveys.models import Draft

REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Progress:
    """A survey as far as it was answered: the answers, by whom at which page, and what is asked because of them."""

    instrument: Instrument
    facts: Mapping[str, Any]
    answers: Mapping[str, Any]
    sittings: Mapping[str, str]
    phase: Phase

    @property
    def asking(self) -> dict[str, Any]:
        """The arguments that every question about branching takes."""
        return {"answers": self.answers, "facts": self.facts, "phase": self.phase}

    @property
    def pages(self) -> tuple[branching.PageView, ...]:
        """The pages that are asked, given the answers so far."""
        return branching.pages(self.instrument, **self.asking)

    def page(self, key: str) -> branching.PageView | None:
        """Return the page with this key, if it is asked."""
        return next((page for page in self.pages if page.key == key), None)

    def place(self, key: str) -> int:
        """Return where the page stands among those asked, from 1; the review stands behind them all."""
        keys = [page.key for page in self.pages]
        return keys.index(key) + 1 if key in keys else len(keys) + 1

    def after(self, key: str) -> str:
        """Return the page that follows; the review follows the last."""
        keys = [page.key for page in self.pages]
        following = keys[keys.index(key) + 1 :] if key in keys else []
        return following[0] if following else REVIEW

    def before(self, key: str) -> str:
        """Return the page before this one; nothing stands before the first."""
        keys = [page.key for page in self.pages]
        if key not in keys:
            return keys[-1] if keys else ""
        place = keys.index(key)
        return keys[place - 1] if place else ""

    @property
    def first_open(self) -> str:
        """Where the patient goes on: the first page that was not saved yet, else the review."""
        return next((page.key for page in self.pages if page.key not in self.sittings), REVIEW)

    def is_own(self, page: str, sitting: str) -> bool:
        """True when the page was answered in this sitting; only then are its values shown."""
        return self.sittings.get(page) == sitting

    def was_answered(self, page: str) -> bool:
        """True when the page holds an answer of any sitting."""
        view = self.page(page)
        return view is not None and any(question.name in self.answers for question in view.questions)


def progress(occurrence: Occurrence, language: str) -> Progress:
    """Return how far the survey is, from its saved pages."""
    answers: dict[str, Any] = {}
    sittings: dict[str, str] = {}
    for draft in Draft.objects.filter(occurrence=occurrence):
        answers |= draft.answers
        sittings[draft.page] = draft.sitting
    facts = followup_queries.facts_of(occurrence)
    return Progress(
        instrument=followup_queries.instrument_of(occurrence),
        facts={**facts, "since": _day_in_words(facts["since"], language)},
        answers=answers,
        sittings=sittings,
        phase=followup_queries.phase_of(occurrence),
    )


def _day_in_words(day: str, language: str) -> str:
    with translation.override(language):
        return formats.date_format(date.fromisoformat(day), "MONTH_DAY_FORMAT")

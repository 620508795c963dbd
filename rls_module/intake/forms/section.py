"""One section of the intake, every branch of it on the page; nothing is required to save it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rls_module.intake import queries
from rls_module.intake.models import Intake
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.branching import Question
from rls_module.questionnaire import QuestionForm, answers_from, form_for


class SectionForm:
    """The questions of one section with what is stored, or what was sent; `answers` stand once `is_valid()` said so."""

    def __init__(self, intake: Intake, section: str, *, language: str, data: Mapping[str, Any] | None = None) -> None:
        self.intake, self.section = intake, section
        self.instrument = queries.instrument_of(intake)
        self.words = self.instrument.words(language)
        opening = {item.show_if.item: list(item.show_if.any_of[:1]) for item in self.instrument.items if item.show_if}
        every = self._of_section({**intake.answers, **opening})
        free = [replace(question, item=question.item.model_copy(update={"required": False})) for question in every]
        self.form: QuestionForm = form_for(free, words=self.words, data=data, initial=intake.answers)
        self.answers: dict[str, object] = {}

    def is_valid(self) -> bool:
        """Say whether what was sent can stand; what a branch has closed is left out."""
        if not self.form.is_valid():
            return False
        given = answers_from(self.form)
        others = {name: value for name, value in self.intake.answers.items() if self._page_of(name) != self.section}
        asked = {question.name for question in self._of_section({**others, **given})}
        self.answers = {name: value for name, value in given.items() if name.partition(".")[0] in asked}
        return True

    def stored_lines(self) -> list[tuple[str, str]]:
        """Return what is stored of this section now, question by question, in words."""
        lines = []
        for question in self._of_section(self.intake.answers):
            said, value = self.words.items[question.item.key], self.intake.answers.get(question.name)
            picked = value if isinstance(value, list) else [] if value is None else [value]
            spelled = [said.label(one) if str(one) in said.options else str(one) for one in picked]
            lines.append((said.text, ", ".join(spelled) or "–"))
        return lines

    def _of_section(self, answers: Mapping[str, object]) -> list[Question]:
        asked = branching.questions(self.instrument, answers=answers, facts={}, phase="baseline")
        return [question for question in asked if question.item.page == self.section]

    def _page_of(self, name: str) -> str:
        return self.instrument.item(name.partition(".")[0]).page

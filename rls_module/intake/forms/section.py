"""One section of the intake, every branch of it on the page; nothing is required to save it.

Of an intake that the patient answered ahead it is a review: exceptions first, and each is confirmed by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext_lazy as _

from rls_module.host import clashes
from rls_module.intake import queries
from rls_module.intake.models import Intake
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.branching import Question
from rls_module.knowledge.safety import intake_review
from rls_module.questionnaire import QuestionForm, Shown, Target, answers_from, form_for

WHY: Mapping[intake_review.Why, Any] = {
    "flag": _("needs a look"),
    "unsure": _("not sure"),
    "empty": _("left empty"),
    "contradiction": _("does not go with another answer"),
    "beyond_age": _("later than today's age"),
}


CONFIRM = "confirm"
CONFLICTS = frozenset({"contradiction", "beyond_age"})


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One question beside what the patient answered to it; `why` it is looked at first, or nothing."""

    shown: Shown
    patient: str
    differs: bool
    was_asked: bool
    why: tuple[str, ...] = ()
    can_confirm: bool = False
    is_confirmed: bool = False

    @property
    def confirm_id(self) -> str:
        """The id of the box that confirms it."""
        return f"id_{CONFIRM}_{self.shown.name}"


class SectionForm:
    """The questions of one section with what is stored, or what was sent; `answers` stand once `is_valid()` said so."""

    def __init__(
        self,
        intake: Intake,
        section: str,
        *,
        language: str,
        data: Mapping[str, Any] | None = None,
        age: int | None = None,
    ) -> None:
        self.intake, self.section, self.age = intake, section, age
        self.sent = queries.sent_answers(intake)
        self.ticked = _ticked(data, is_confirmed=section in intake.saved)
        self.instrument = queries.instrument_of(intake)
        self.words = self.instrument.words(language)
        self._facts = queries.facts_of(intake)
        every = self._of_section({**intake.answers, **branching.opening(self.instrument)})
        free = [replace(question, item=question.item.model_copy(update={"required": False})) for question in every]
        self.form: QuestionForm = form_for(free, words=self.words, data=data, initial=intake.answers)
        self.answers: dict[str, object] = {}
        self.chosen = clashes.chosen(data)

    @property
    def mark(self) -> str:
        """What the stored section looks like, in a few letters: whoever saved another section has not touched it."""
        own = {name: value for name, value in self.intake.answers.items() if self._page_of(name) == self.section}
        return sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:16]

    def is_valid(self) -> bool:
        """Say whether what was sent can stand; what a branch has closed is left out."""
        if not self.form.is_valid():
            return False
        given = self._given()
        others = {name: value for name, value in self.intake.answers.items() if self._page_of(name) != self.section}
        asked = {question.name for question in self._of_section({**others, **given})}
        self.answers = {name: value for name, value in given.items() if name.partition(".")[0] in asked}
        return True

    def clashes(self) -> list[clashes.Clash]:
        """Return where what was typed is not what is stored now, each with both in words."""
        typed = self._given()
        return [
            clashes.Clash(
                question.name,
                self.words.items[question.item.key].text,
                queries.spelled(question, self.intake.answers, self.words),
                queries.spelled(question, typed, self.words),
            )
            for question in self.form.questions
            if queries.differs(question, self.intake.answers, typed)
        ]

    def undecided(self) -> list[Target]:
        """Return the clashes that the page showed and nobody has decided, for the error summary."""
        names = {question.name: question for question in self.form.questions}
        return [
            Target(clashes.id_of(name), self.words.items[names[name].item.key].text)
            for name, choice in self.chosen.items()
            if name in names and not choice
        ]

    def _given(self) -> dict[str, object]:
        """Return what was typed; where the stored answer was chosen, that one."""
        given, stored = answers_from(self.form), self.intake.answers
        for name in (name for name, choice in self.chosen.items() if choice == clashes.STORED):
            given = {one: value for one, value in given.items() if not _is_about(one, name)}
            given |= {one: value for one, value in stored.items() if _is_about(one, name)}
        return given

    @property
    def conflicts(self) -> list[Target]:
        """Return what does not go together as it stands now: shown, for the patient to be asked; nothing is guessed."""
        now = self.intake.answers | (self._given() if self.form.is_bound else {})
        found = intake_review.exceptions(dict.fromkeys(now, False), now, age=self.age)
        return [
            Target(one.id, one.text, ", ".join(str(WHY[code]) for code in found[one.name] if code in CONFLICTS))
            for one in self.form.shown
            if CONFLICTS & set(found.get(one.name, ()))
        ]

    def reviewed(self) -> list[Reviewed]:
        """Return every question of the section beside the patient's answer, the exceptions first."""
        found = intake_review.exceptions(self._asked(), self.sent, age=self.age)
        lines = [
            self._reviewed(question, one, found.get(question.name, ()))
            for question, one in zip(self.form.questions, self.form.shown, strict=True)
        ]
        return sorted(lines, key=lambda line: not line.why)

    def unconfirmed(self) -> list[Target]:
        """Return the exceptions that were neither confirmed nor changed, for the error summary."""
        return [
            Target(line.confirm_id if line.can_confirm else line.shown.id, line.shown.text)
            for line in self.reviewed()
            if line.why and not (line.differs or (line.can_confirm and line.is_confirmed))
        ]

    def _reviewed(self, question: Question, one: Shown, why: tuple[intake_review.Why, ...]) -> Reviewed:
        now = self._given() if self.form.is_bound else self.intake.answers
        return Reviewed(
            shown=one,
            patient=queries.spelled(question, self.sent, self.words),
            differs=queries.differs(question, self.sent, now),
            was_asked=question.name in self._asked(),
            why=tuple(str(WHY[code]) for code in why),
            can_confirm="empty" not in why,
            is_confirmed=self.ticked is None or question.name in self.ticked,
        )

    def _asked(self) -> dict[str, bool]:
        """Return what the patient was asked in this section, question -> whether an intake must have its answer."""
        return {question.name: question.item.required for question in self._of_section(self.sent)}

    def _of_section(self, answers: Mapping[str, object]) -> list[Question]:
        asked = branching.questions(self.instrument, answers=answers, facts=self._facts, phase="baseline")
        return [question for question in asked if question.item.page == self.section]

    def _page_of(self, name: str) -> str:
        return self.instrument.item(name.partition(".")[0]).page


def _ticked(data: Mapping[str, Any] | None, *, is_confirmed: bool) -> frozenset[str] | None:
    """Return the exceptions whose box is ticked; None stands for all of them: the section was confirmed before."""
    if data is None:
        return None if is_confirmed else frozenset()
    return frozenset(clashes.several(data, CONFIRM))


def _is_about(name: str, question: str) -> bool:
    """True for the answer to a question, and for the words written beside it."""
    return name == question or name.startswith(f"{question}.")

"""A whole instrument on one page, named activities, consent to mail, the decision on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rls_module.intake.models import Screen
from rls_module.knowledge.instruments import branching, loading
from rls_module.questionnaire import QuestionForm, answers_from, form_for

MOST_ACTIVITIES = 3


class WholeForm:
    """Every question of an instrument's baseline on one page, those behind a branch too; checks only what is asked.

    `initial` are answers to begin with; `answers` are those that stand, once `is_valid()` has said True.
    """

    def __init__(
        self,
        key: str,
        *,
        language: str,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.instrument = loading.shipped(key)
        self.words = self.instrument.words(language)
        every = branching.questions(
            self.instrument, answers=branching.opening(self.instrument), facts={}, phase="baseline"
        )
        self.form: QuestionForm = form_for(every, words=self.words, data=data, initial=initial)
        self.answers: dict[str, object] = {}

    def is_valid(self) -> bool:
        """Say whether what is asked, given the answers themselves, can stand."""
        self.form.is_valid()
        given = answers_from(self.form)
        asked = {question.name for question in self._asked(given)}
        for name in [name for name in self.form.errors if name.split(".")[0] not in asked]:
            del self.form.errors[name]
        self.answers = {name: value for name, value in given.items() if name.split(".")[0] in asked}
        return not self.form.errors

    def _asked(self, given: Mapping[str, object]) -> tuple[branching.Question, ...]:
        return branching.questions(self.instrument, answers=given, facts={}, phase="baseline")


class ActivityForm(forms.Form):
    """One thing that the patient's legs make hard, in the patient's words, and how well it goes now."""

    text = forms.CharField(label=_("Activity"), max_length=60, required=False)
    score = forms.TypedChoiceField(
        label=_("How well now (0 = can't do it, 10 = legs don't get in the way)"),
        choices=[(str(number), str(number)) for number in range(11)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a score for nothing; a name without a score is asked about next time."""
        values = super().clean() or {}
        if values.get("score") is not None and not values.get("text"):
            self.add_error("text", _("Write down which activity this score is for."))
        return values


def activity_forms(data: Mapping[str, Any] | None = None) -> list[ActivityForm]:
    """Return the three places for activities."""
    return [ActivityForm(data, prefix=f"activity{number}") for number in range(1, MOST_ACTIVITIES + 1)]


MAIL_CONSENT_TEXT = "1"  # the version of the words below


class ConsentForm(forms.Form):
    """Whether the patient agrees to short forms by mail; asked once, in the room."""

    agrees = forms.ChoiceField(
        label=_("Does the patient agree to get short forms by mail from the clinic?"),
        help_text=_("Mail is not encrypted; it names no person and no condition. It can be stopped at any time."),
        choices=[("yes", _("Agrees")), ("no", _("Does not agree")), ("later", _("Ask later"))],
        widget=forms.RadioSelect,
        required=False,
    )


class DecisionForm(forms.Form):
    """What follows from a screen; opening a case against the result needs a reason."""

    decision = forms.ChoiceField(choices=Screen.Decision.choices)
    note = forms.CharField(label=_("Reason"), required=False, max_length=1000)

    def __init__(self, *args: Any, result: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.result = result

    def clean(self) -> dict[str, Any]:
        """Ask why a case is opened where the pattern does not fit."""
        values = super().clean() or {}
        against = values.get("decision") == "open_case" and self.result == Screen.Result.DOES_NOT_FIT
        if against and not values.get("note"):
            self.add_error("note", _("Write down why a case is opened although the pattern does not fit."))
        return values

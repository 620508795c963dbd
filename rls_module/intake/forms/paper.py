"""The numbers of a licensed form that a patient filled in on paper: when, in which language, and what was ticked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.questionnaire import QuestionForm, answers_from, form_for

EARLIEST = date(2000, 1, 1)


class AboutForm(forms.Form):
    """When the form was filled in, and in which language it is printed."""

    on = forms.DateField(label=gettext_lazy("Filled in on"), widget=forms.DateInput(attrs={"type": "date"}))
    language = forms.ChoiceField(label=gettext_lazy("Language of the form"), widget=forms.RadioSelect)

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, initial={"on": today}, **kwargs)
        self.today = today
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        """Nobody has filled in a form tomorrow."""
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if on < EARLIEST:
            raise forms.ValidationError(_("Check the year."))
        return on


class PaperForm:
    """One form's numbers with the day and language; a form may be entered in part, and an empty one is none."""

    def __init__(self, instrument: Instrument, *, language: str, today: date, data: Mapping[str, Any] | None) -> None:
        asked = branching.questions(instrument, answers={}, facts={}, phase="followup")
        self.about = AboutForm(data, today=today)
        self.form: QuestionForm = form_for(asked, words=instrument.words(language), data=data)
        self.is_empty = False

    def is_valid(self) -> bool:
        """Say whether it can be kept as it stands."""
        are_valid = [self.about.is_valid(), self.form.is_valid()]
        self.is_empty = are_valid[1] and not self.answers
        return all(are_valid) and not self.is_empty

    @property
    def answers(self) -> dict[str, object]:
        """The numbers that were entered."""
        return answers_from(self.form)

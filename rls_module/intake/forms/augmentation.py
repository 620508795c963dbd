"""The screen for augmentation: eight questions, and the clock before treatment and now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from rls_module.knowledge.safety import augmentation

ANSWERS = [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")), ("unknown", gettext_lazy("not known"))]
_CLOCK = ("start_before", "start_now")


def _clock(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class AugmentationForm(forms.Form):
    """Everything may stay open: what nobody answered is not known, and is never taken for a no."""

    start_before = _clock(gettext_lazy("Usual start before any treatment"))
    start_now = _clock(gettext_lazy("Usual start now"))
    much_earlier = forms.ChoiceField(
        label=gettext_lazy("Starts 4 hours earlier or more"),
        choices=ANSWERS,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Only where your own judgement differs from the two times."),
    )
    earlier = forms.ChoiceField(
        label=gettext_lazy("Starts 2 to 4 hours earlier"), choices=ANSWERS, required=False, widget=forms.RadioSelect
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=400)

    def __init__(self, data: Mapping[str, Any] | None = None, *, language: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for key, words in augmentation.QUESTIONS.get(language, augmentation.QUESTIONS["en"]).items():
            self.fields[key] = forms.ChoiceField(label=words, choices=ANSWERS, required=False, widget=forms.RadioSelect)

    @property
    def questions(self) -> list[forms.BoundField]:
        """The eight questions in their order."""
        return [self[key] for key in augmentation.QUESTIONS["en"]]

    @property
    def answers(self) -> augmentation.AugmentationAnswers:
        """What was said, as the rule takes it."""
        values = self.cleaned_data
        given = {key: values[key] or "unknown" for key in augmentation.QUESTIONS["en"]}
        clock = {name: _minutes(values[name]) for name in _CLOCK}
        own = {name: values[name] or None for name in ("much_earlier", "earlier")}
        return augmentation.AugmentationAnswers(**given, **clock, **own)


def clock_of(minutes: int | None) -> time | None:
    """Return minutes after midnight as a time of day."""
    return None if minutes is None else time(minutes // 60 % 24, minutes % 60)


def _minutes(at: time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute

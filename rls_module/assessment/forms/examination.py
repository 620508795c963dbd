"""The examination as a whole: when, who, nerves and vessels, what is thought, red flags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.assessment.models import Assessment
from rls_module.knowledge.vocabulary import loading

NONE = "none"
PLANES = (
    ("sagittal", gettext_lazy("sagittal")),
    ("frontal", gettext_lazy("frontal")),
    ("horizontal", gettext_lazy("horizontal")),
)


class AssessmentForm(forms.Form):
    """The nerve and vessel screen and the red flags must be answered; each has one tap for "nothing"."""

    assessed_on = forms.DateField(label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    dominance = forms.ChoiceField(
        label=gettext_lazy("Dominant side"),
        choices=Assessment.Dominance.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    work = forms.CharField(label=gettext_lazy("Work"), required=False, max_length=120)
    sport = forms.CharField(label=gettext_lazy("Sport"), required=False, max_length=120)
    nerve_vessel = forms.ChoiceField(
        label=gettext_lazy("Nerves and vessels: touch, vibration, reflex, strength, pulses, swelling, skin"),
        choices=Assessment.NerveVessel.choices,
        widget=forms.RadioSelect,
    )
    nerve_vessel_note = forms.CharField(
        label=gettext_lazy("What is not normal, in words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    patterns = forms.MultipleChoiceField(
        label=gettext_lazy("Patterns you name"), required=False, widget=forms.CheckboxSelectMultiple
    )
    hypothesis = forms.CharField(
        label=gettext_lazy("Hypothesis: what to test, and why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    planes = forms.MultipleChoiceField(
        label=gettext_lazy("Planes to test"), choices=PLANES, required=False, widget=forms.CheckboxSelectMultiple
    )
    red_flags = forms.MultipleChoiceField(
        label=gettext_lazy("Red flags"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Go through the red flags; tick “none of these” where there is none.")
        },
    )
    red_flags_note = forms.CharField(label=gettext_lazy("More about them"), required=False, max_length=1000)
    is_none_found = forms.BooleanField(label=gettext_lazy("Nothing found by hand or movement"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, language: str, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today
        named = [(one.key, one.spanish if language == "es" else one.english) for one in loading.red_flags()]
        self._choose("red_flags", [*named, (NONE, _("none of these"))])
        self._choose("patterns", [(one.key, one.label) for one in loading.body_tests().patterns])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.MultipleChoiceField", self.fields[name]).choices = choices

    def clean_assessed_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["assessed_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        """Keep "none" apart from the flags."""
        values = super().clean() or {}
        picked = values.get("red_flags", [])
        if NONE in picked and len(picked) > 1:
            self.add_error("red_flags", _("“None of these” can't stand beside a red flag."))
        return values

    def agrees_with(self, unusual: list[str]) -> bool:
        """False, with the reason at the field, where "all normal" and what the tests say contradict each other.

        `unusual`: the names of those nerve and vessel tests whose answer is not the usual one.
        """
        said = self.cleaned_data["nerve_vessel"]
        if said == Assessment.NerveVessel.ALL_NORMAL and unusual:
            names = ", ".join(unusual)
            self.add_error("nerve_vessel", _("“All normal” is ticked, and not so: %(names)s.") % {"names": names})
        elif said == Assessment.NerveVessel.DETAILS and not unusual and not self.cleaned_data["nerve_vessel_note"]:
            self.add_error("nerve_vessel_note", _("Write what is not normal, or say so at its test."))
        return not self.errors

    def about(self) -> dict[str, Any]:
        """Return the fields of the examination."""
        values = dict(self.cleaned_data)
        values["red_flags"] = [key for key in values["red_flags"] if key != NONE]
        return values

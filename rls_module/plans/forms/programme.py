"""One exercise of the home programme, and ending one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SIDES = [("L", gettext_lazy("left")), ("R", gettext_lazy("right")), ("B", gettext_lazy("both"))]
DOSE = ("sets", "reps", "hold_s", "breaths", "minutes")


def _count(label: Any, most: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most, widget=widget)


class PrescriptionForm(forms.Form):
    """An exercise of the clinic's library or in own words, with at least one figure of its dose."""

    name = forms.CharField(
        label=gettext_lazy("Exercise"),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "rls-exercises", "autocomplete": "off"}),
    )
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=SIDES, required=False, widget=forms.RadioSelect)
    sets = _count(gettext_lazy("Sets"), 20)
    reps = _count(gettext_lazy("Repetitions"), 200)
    hold_s = _count(gettext_lazy("Hold, seconds"), 600)
    breaths = _count(gettext_lazy("Breaths"), 100)
    minutes = _count(gettext_lazy("Minutes"), 240)
    times_per_day = _count(gettext_lazy("Times a day"), 10)
    days_per_week = forms.IntegerField(
        label=gettext_lazy("Days a week"),
        min_value=1,
        max_value=7,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    cues = forms.CharField(
        label=gettext_lazy("Cues for this patient"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_taught_back = forms.BooleanField(label=gettext_lazy("Shown back by the patient"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask how much of it."""
        values = super().clean() or {}
        if not any(values.get(name) for name in DOSE) and not any(name in self.errors for name in DOSE):
            self.add_error("sets", _("Say how much: repetitions, seconds, breaths or minutes."))
        return values


class StopForm(forms.Form):
    """Why an exercise ends."""

    reason = forms.CharField(label=gettext_lazy("Stop, because"), max_length=200)

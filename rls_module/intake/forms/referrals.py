"""A referral, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.intake.models import Referral, ReferralOutcome
from rls_module.knowledge.vocabulary import loading


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


def _words(label: Any, **values: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}), **values)


class _OfThePast(forms.Form):
    """A form with a day that must have come."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date, **values: Any) -> None:
        super().__init__(data, **values)
        self.today = today

    def _past(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class ReferralForm(_OfThePast):
    """To whom, how soon, and why: a red flag or words, or both."""

    red_flags = forms.MultipleChoiceField(
        label=gettext_lazy("Red flags"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = _words(gettext_lazy("What was found, for the letter"), required=False)
    to_kind = forms.CharField(
        label=gettext_lazy("To what kind of physician or service"),
        max_length=120,
        help_text=gettext_lazy("Family physician, emergency department, neurology."),
    )
    to_name = forms.CharField(label=gettext_lazy("Name, where known"), required=False, max_length=120)
    urgency = forms.ChoiceField(
        label=gettext_lazy("To be seen"), choices=Referral.Urgency.choices, widget=forms.RadioSelect
    )
    referred_on = _day(gettext_lazy("Referred on"))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, standing: Collection[str], language: str, today: date
    ) -> None:
        """`standing` are the red flags that wait for an answer: they are ticked."""
        urgent = {one.key for one in loading.red_flags() if one.urgency == "now"} & set(standing)
        proposed = {"red_flags": list(standing), "referred_on": today}
        proposed |= {"urgency": "now" if urgent else "days"} if standing else {}
        super().__init__(data, today=today, initial=proposed)
        self.fields["red_flags"].choices = [  # type: ignore[attr-defined]
            (one.key, one.spanish if language == "es" else one.english) for one in loading.red_flags()
        ]

    def clean_referred_on(self) -> date:
        """Refuse a day that has not come."""
        return self._past("referred_on")

    def clean(self) -> dict[str, Any]:
        """Ask why."""
        values = super().clean() or {}
        if "red_flags" in values and not (values["red_flags"] or values.get("reason", "").strip()):
            self.add_error("reason", _("Tick a red flag, or write why."))
        return values


class OutcomeForm(_OfThePast):
    """What came of a referral; all of it is needed."""

    kind = forms.ChoiceField(
        label=gettext_lazy("How we know"), choices=ReferralOutcome.Kind.choices, widget=forms.RadioSelect
    )
    answered_on = _day(gettext_lazy("On"))
    note = _words(gettext_lazy("What came of it"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, today=today, initial={"answered_on": today})

    def clean_answered_on(self) -> date:
        """Refuse a day that has not come."""
        return self._past("answered_on")

"""One date of a plan's certification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.plans.models import CertificationDate

MOST_VISITS = 400


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class CertificationForm(forms.Form):
    """What came about, on which day; what was certified, until when and for how many visits."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What"), choices=CertificationDate.Kind.choices, widget=forms.RadioSelect
    )
    happened_on = _day(gettext_lazy("On"))
    party = forms.CharField(label=gettext_lazy("By whom, or to whom"), required=False, max_length=200)
    holds_until = _day(gettext_lazy("Certified until"), required=False)
    visits = forms.IntegerField(
        label=gettext_lazy("Visits authorised"),
        required=False,
        min_value=1,
        max_value=MOST_VISITS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, initial={"happened_on": today})
        self.today = today

    def clean_happened_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["happened_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        """An end and a number of visits belong to a certification; it does not end before it begins."""
        values = super().clean() or {}
        if values.get("kind") and values["kind"] != CertificationDate.Kind.CERTIFIED:
            for name in ("holds_until", "visits"):
                if values.get(name) is not None:
                    self.add_error(name, _("This belongs to a certification only."))
        elif values.get("holds_until") and values.get("happened_on") and values["holds_until"] < values["happened_on"]:
            self.add_error("holds_until", _("This is before the day it begins."))
        return values

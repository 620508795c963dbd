"""A financial notice: which one, what it says is to be paid, when it was signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.visits.models import FinancialNotice


class NoticeForm(forms.Form):
    """What the patient was told and signed."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Which notice"), choices=FinancialNotice.Kind.choices, widget=forms.RadioSelect
    )
    amount = forms.CharField(
        label=gettext_lazy("Amount, as the patient was told it"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("For example: $45 a session."),
    )
    signed_on = forms.DateField(
        label=gettext_lazy("Signed by the patient on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    holds_until = forms.DateField(
        label=gettext_lazy("Holds until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, initial={"signed_on": today})
        self.today = today

    def clean_signed_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["signed_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        """What the patient pays is said; a notice does not end before it is signed."""
        values = super().clean() or {}
        if values.get("kind") == FinancialNotice.Kind.SELF_PAY and not values.get("amount"):
            self.add_error("amount", _("Write what the patient was told to pay."))
        if values.get("holds_until") and values.get("signed_on") and values["holds_until"] < values["signed_on"]:
            self.add_error("holds_until", _("This is before the day it begins."))
        return values

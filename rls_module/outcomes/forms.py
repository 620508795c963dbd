"""What is asked of lists: from which day to which."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 366  # days


class DaysForm(forms.Form):
    """A stretch of days, both ends included."""

    first = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """A stretch does not end before it begins, and is a year at most."""
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("This is before the day it begins."))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", _("Choose a year at most."))
        return values

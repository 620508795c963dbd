"""Forms of the case room."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class HoldForm(forms.Form):
    """Why a legal hold is put, or lifted."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Say why, in at least 10 characters."),
            "min_length": _("Say why, in at least 10 characters."),
        },
    )


class CloseTaskForm(forms.Form):
    """What came of a task; a task is not closed without it."""

    outcome = forms.CharField(label=_("What came of it"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

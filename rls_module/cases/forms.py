"""Forms of the case room."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import emergencies


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


class EmergencyForm(forms.Form):
    """Why somebody must read a chart that is not theirs to read; kept with the record and read by the clinic."""

    reason = forms.CharField(
        label=_("Why you must read it now"),
        min_length=emergencies.SHORTEST_REASON,
        max_length=emergencies.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In a few words, at least ten characters. Who manages the clinic reads this: no findings, please."),
        error_messages={
            "required": _("Write why: nothing is opened without a reason."),
            "min_length": _("Write a little more: a reason has at least %(limit_value)d characters."),
        },
    )

"""What is added to a signed note."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from rls_module.visits.forms import fields


class AddendumForm(forms.Form):
    """Words; there is no addendum without."""

    text = forms.CharField(
        label=gettext_lazy("What is to be added"),
        max_length=fields.LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Write what is to be added.")},
    )

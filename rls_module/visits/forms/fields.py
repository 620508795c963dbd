"""The kinds of field a note is made of, with their limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

LONGEST_NOTE = 4000
MOST_MINUTES = 300


def area(label: Any, rows: int = 2) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": rows})
    )


def count(label: Any, most: int, *, hint: Any = "") -> forms.IntegerField:
    """A number from 0 to `most`."""
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=most, widget=widget, help_text=hint)


def chips(label: Any, choices: Sequence[tuple[str, Any]]) -> forms.ChoiceField:
    """One of a few, as radio buttons."""
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


def grade(label: Any) -> forms.TypedChoiceField:
    """A grade from 0 (none) to 3 (most altered), as radio buttons; untouched it is none."""
    choices = [(str(number), str(number)) for number in range(4)]
    return forms.TypedChoiceField(
        label=label, choices=choices, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )


def typed(label: Any, *, options: str, placeholder: Any = "", longest: int = 100) -> forms.CharField:
    """A name that is typed; `options` is the id of the list that offers names."""
    attrs = {"list": options, "autocomplete": "off", "placeholder": placeholder}
    return forms.CharField(label=label, required=False, max_length=longest, widget=forms.TextInput(attrs=attrs))

"""Rows of a treatment block: an untouched row is no row, and the rows grow by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from rls_module.visits.models import TreatmentRow

SPARE = 1


class RowForm(forms.Form):
    """What every row has: it may be dropped, and one that was carried forward may be kept as it is."""

    carried_from = forms.UUIDField(required=False, widget=forms.HiddenInput)
    keep = forms.BooleanField(label=gettext_lazy("keep as it is"), required=False)
    drop = forms.BooleanField(label=gettext_lazy("drop"), required=False)

    is_unreviewed = False  # carried forward, and nobody has looked at it yet

    @classmethod
    def value_names(cls) -> list[str]:
        """The fields that say what was done."""
        return [name for name in cls.base_fields if name not in RowForm.base_fields]

    @property
    def row_values(self) -> dict[str, Any]:
        """What was done, where it was carried from, and whether it was kept as it is."""
        return {name: value for name, value in self.cleaned_data.items() if name != "drop"}


class RowFormSet(forms.BaseFormSet):
    """The rows of one block."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows to keep, in order."""
        return [form.row for form in self.forms if form.is_row]

    @property
    def unreviewed_count(self) -> int:
        """How many rows were carried forward and not looked at."""
        return sum(form.is_unreviewed for form in self.forms)


def formset(
    form: type[RowForm],
    prefix: str,
    stored: Sequence[TreatmentRow],
    initial_of: Callable[[Any], Mapping[str, Any]],
    data: Mapping[str, Any] | None,
    *,
    most: int,
    form_kwargs: Mapping[str, Any] | None = None,
) -> RowFormSet:
    """Return the rows that are stored and a spare one, or what was sent; at most `most` rows.

    Every row's form is made with `form_kwargs`.
    """
    made = forms.formset_factory(form, formset=RowFormSet, extra=SPARE, max_num=most, validate_max=True)
    initial = None if data else [{"carried_from": row.carried_from, **initial_of(row)} for row in stored]
    rows = cast("RowFormSet", made(data, prefix=prefix, initial=initial, form_kwargs=dict(form_kwargs or {})))
    waiting = {str(row.carried_from) for row in stored if row.is_unreviewed}
    for one in rows.forms:
        one.is_unreviewed = str(one["carried_from"].value()) in waiting
    return rows

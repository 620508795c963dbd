"""Rows of a treatment block: an untouched row is no row, and the rows grow by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

SPARE = 1


class RowFormSet(forms.BaseFormSet):
    """The rows of one block."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows to keep, in order."""
        return [form.row for form in self.forms if form.is_row]


def formset(
    form: type[forms.Form],
    prefix: str,
    initial: Sequence[Mapping[str, Any]],
    data: Mapping[str, Any] | None,
    *,
    most: int,
    form_kwargs: Mapping[str, Any] | None = None,
) -> RowFormSet:
    """Return the rows that are stored and a spare one, or what was sent; at most `most` rows.

    Every row's form is made with `form_kwargs`.
    """
    made = forms.formset_factory(form, formset=RowFormSet, extra=SPARE, max_num=most, validate_max=True)
    shown = None if data else list(initial)
    return cast("RowFormSet", made(data, prefix=prefix, initial=shown, form_kwargs=dict(form_kwargs or {})))

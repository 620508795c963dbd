"""The rows of the fascial block; a point is typed by its code, with its side (`ER PE dx`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.knowledge.vocabulary import fascial
from rls_module.visits.forms import fields
from rls_module.visits.forms.rows import RowForm, RowFormSet, formset
from rls_module.visits.models import FascialPoint

MOST_POINTS = 30


class PointForm(RowForm):
    """One fascial point. What was typed for side or grade fills the chips that nobody touched."""

    point = fields.typed(
        gettext_lazy("Point"), options="rls-points", placeholder=gettext_lazy("er-pe, re ta dx, an-la cx sx")
    )
    side = fields.chips(gettext_lazy("Side"), FascialPoint.Side.choices)
    palpation_before = fields.grade(gettext_lazy("Palpation before"))
    palpation_after = fields.grade(gettext_lazy("after"))
    movement_before = fields.grade(gettext_lazy("Movement before"))
    movement_after = fields.grade(gettext_lazy("after"))
    minutes = fields.count(gettext_lazy("Min"), 60)
    is_balance = forms.BooleanField(label=gettext_lazy("balance"), required=False)

    def clean_point(self) -> str:
        """Return the canonical code of what was typed; say what is near where it is none."""
        typed = str(self.cleaned_data["point"]).strip()
        if not typed:
            return ""
        try:
            self.read = fascial.parse(typed)
        except fascial.NotAPoint as unknown:
            raise ValidationError(_unknown(typed, unknown.near)) from None
        return self.read.key

    def clean(self) -> dict[str, Any]:
        """Take side and grade from what was typed where no chip was touched; refuse a row without its point."""
        values = super().clean() or {}
        read = getattr(self, "read", None)
        if read is not None:
            values["side"] = values.get("side") or read.side
            if values.get("palpation_before") is None:
                values["palpation_before"] = read.grade
        if self.has_changed() and not values.get("drop") and not values.get("point") and "point" not in self.errors:
            self.add_error("point", _("Write which point this row is for, or drop the row."))
        return values

    @property
    def is_row(self) -> bool:
        """True for a row to keep."""
        return bool(self.cleaned_data.get("point")) and not self.cleaned_data.get("drop")

    @property
    def row(self) -> dict[str, Any]:
        """The values as FascialPoint holds them."""
        return self.row_values


def point_formset(points: Sequence[FascialPoint], data: Mapping[str, Any] | None = None) -> RowFormSet:
    """Return the fascial rows that are stored and a spare one, or what was sent."""
    return formset(PointForm, "point", points, _initial, data, most=MOST_POINTS)


def _initial(point: FascialPoint) -> dict[str, Any]:
    return {name: getattr(point, name) for name in PointForm.value_names()}


def _unknown(typed: str, near: Sequence[str]) -> str:
    if near:
        return _("No point is called “%(typed)s”. Near: %(near)s.") % {"typed": typed, "near": ", ".join(near)}
    return _("No point is called “%(typed)s”. A code is a direction and a segment, as er-pe.") % {"typed": typed}

"""The rows of the exercise block: from the clinic's library, or in the therapist's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.knowledge.safety import billing
from rls_module.knowledge.safety.billing_review import NOT_BILLED
from rls_module.library import queries as library_queries
from rls_module.visits.forms import fields
from rls_module.visits.forms.rows import RowForm, RowFormSet, formset
from rls_module.visits.models import PerformedExercise

MOST_EXERCISES = 30
SIDES = [("L", gettext_lazy("L")), ("R", gettext_lazy("R")), ("B", gettext_lazy("both"))]


class ExerciseForm(RowForm):
    """One exercise that was done or taught."""

    name = fields.typed(gettext_lazy("Exercise"), options="rls-exercises", longest=120)
    side = fields.chips(gettext_lazy("Side"), SIDES)
    sets = fields.count(gettext_lazy("Sets"), 20)
    reps = fields.count(gettext_lazy("Reps"), 200)
    hold_s = fields.count(gettext_lazy("Hold, s"), 600)
    minutes = fields.count(gettext_lazy("Min"), 120)
    quality = fields.chips(gettext_lazy("Quality"), PerformedExercise.Quality.choices)
    code = forms.ChoiceField(label=gettext_lazy("Billed as"), required=False)

    def __init__(self, *args: Any, codes: Sequence[tuple[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = codes  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a row without its name."""
        values = super().clean() or {}
        values["name"] = str(values.get("name", "")).strip()
        if self.has_changed() and not values.get("drop") and not values["name"] and "name" not in self.errors:
            self.add_error("name", _("Write which exercise this row is for, or drop the row."))
        return values

    @property
    def is_row(self) -> bool:
        """True for a row to keep."""
        return bool(self.cleaned_data.get("name")) and not self.cleaned_data.get("drop")

    @property
    def row(self) -> dict[str, Any]:
        """The values as PerformedExercise holds them, without the library's key."""
        return self.row_values


def exercise_formset(
    exercises: Sequence[PerformedExercise], data: Mapping[str, Any] | None = None, *, table: billing.Table
) -> RowFormSet:
    """Return the exercise rows that are stored and a spare one, or what was sent; billed by the codes of `table`."""
    codes = _codes(table, {one.code for one in exercises})
    kwargs = {"codes": codes}
    return formset(ExerciseForm, "exercise", exercises, _initial, data, most=MOST_EXERCISES, form_kwargs=kwargs)


def _initial(exercise: PerformedExercise) -> dict[str, Any]:
    return {name: getattr(exercise, name) for name in ExerciseForm.value_names()}


def _codes(table: billing.Table, chosen: set[str]) -> list[tuple[str, Any]]:
    """Return what an exercise can be billed as; a code that was chosen and left the table can stay."""
    needling = {table.kinds.get(kind) for kind in billing.NEEDLING_KINDS}
    offered = [(one.code, f"{one.code} {one.label}") for one in table.codes if one.code not in needling]
    known = {"", NOT_BILLED, *(code for code, _label in offered)}
    gone = [(code, code) for code in sorted(chosen - known)]
    return [("", _("by its kind")), *offered, *gone, (NOT_BILLED, _("not billed"))]


def with_keys(rows: Sequence[dict[str, Any]], scope: str) -> list[dict[str, Any]]:
    """Return the rows with the library's key where the clinic's library has an exercise of that name."""
    known = library_queries.exercises_by_name(scope) if rows else {}
    found = [known.get(row["name"].casefold()) for row in rows]
    return [{**row, "exercise": one.key if one else ""} for row, one in zip(rows, found, strict=True)]

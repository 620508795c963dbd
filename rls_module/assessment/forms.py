"""One examination as a form; places are typed as therapists write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.assessment.models import Assessment, Finding
from rls_module.knowledge.vocabulary import loading, places

MOST_FINDINGS = 40
SIDES = [("L", gettext_lazy("L")), ("R", gettext_lazy("R")), ("B", gettext_lazy("both")), ("M", gettext_lazy("mid"))]
NONE = "none"


class AssessmentForm(forms.Form):
    """The nerve and vessel screen and the red flags must be answered; each has one tap for "nothing"."""

    assessed_on = forms.DateField(label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    nerve_vessel = forms.ChoiceField(
        label=gettext_lazy("Nerves and vessels: touch, vibration, reflex, strength, pulses, swelling, skin"),
        choices=Assessment.NerveVessel.choices,
        widget=forms.RadioSelect,
    )
    nerve_vessel_note = forms.CharField(
        label=gettext_lazy("What is not normal, and on which side"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    red_flags = forms.MultipleChoiceField(
        label=gettext_lazy("Red flags"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Go through the red flags; tick “none of these” where there is none.")
        },
    )
    red_flags_note = forms.CharField(label=gettext_lazy("More about them"), required=False, max_length=1000)
    is_none_found = forms.BooleanField(label=gettext_lazy("Nothing found by hand or movement"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, language: str, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today
        flags = cast("forms.MultipleChoiceField", self.fields["red_flags"])
        named = [(one.key, one.spanish if language == "es" else one.english) for one in loading.red_flags()]
        flags.choices = [*named, (NONE, _("none of these"))]

    def clean_assessed_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["assessed_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        """Ask what is not normal, and keep "none" apart from the flags."""
        values = super().clean() or {}
        if values.get("nerve_vessel") == Assessment.NerveVessel.DETAILS and not values.get("nerve_vessel_note"):
            self.add_error("nerve_vessel_note", _("Write what is not normal."))
        picked = values.get("red_flags", [])
        if NONE in picked and len(picked) > 1:
            self.add_error("red_flags", _("“None of these” can't stand beside a red flag."))
        return values

    def about(self) -> dict[str, Any]:
        """Return the fields of the examination."""
        values = dict(self.cleaned_data)
        values["red_flags"] = [key for key in values["red_flags"] if key != NONE]
        return values


class FindingForm(forms.Form):
    """One finding. The place may be a muscle, a fascial point or a region, with its side."""

    place = forms.CharField(
        label=gettext_lazy("Where"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"list": "rls-places", "autocomplete": "off", "placeholder": gettext_lazy("sol l, er-pe dx, heel r")}
        ),
    )
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=SIDES, required=False, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=[("", "–"), *Finding.Kind.choices], required=False)
    grade = forms.TypedChoiceField(
        label=gettext_lazy("Grade"),
        choices=[("", "–"), *((str(number), str(number)) for number in range(4))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=400)
    drop = forms.BooleanField(label=gettext_lazy("drop"), required=False)

    def clean_place(self) -> str:
        """Read the place that was meant; ask back where it is none, or could be several."""
        typed = str(self.cleaned_data["place"]).strip()
        self.read = None
        if typed:
            try:
                self.read = places.find(typed)
            except places.NoPlace as unknown:
                raise forms.ValidationError(_unknown(typed, unknown.near)) from None
        return typed

    def clean(self) -> dict[str, Any]:
        """Take the side from what was typed where no chip was touched; refuse half a row."""
        values = super().clean() or {}
        if self.has_changed() and not values.get("drop") and "place" not in self.errors:
            if not values.get("place"):
                self.add_error("place", _("Write where this was found, or drop the row."))
            elif not values.get("kind"):
                self.add_error("kind", _("Choose what was found there."))
        return values

    @property
    def is_row(self) -> bool:
        """True for a row to keep."""
        return bool(self.cleaned_data.get("place")) and not self.cleaned_data.get("drop")

    @property
    def row(self) -> dict[str, Any]:
        """The values as Finding holds them."""
        values, read = self.cleaned_data, self.read
        assert read is not None  # noqa: S101  a row to keep has a place that was read
        return {
            "place": read.key,
            "place_kind": read.kind,
            "side": values["side"] or read.side,
            "kind": values["kind"],
            "grade": values["grade"] if values["grade"] is not None else read.grade,
            "note": values["note"],
        }


class FindingFormSet(forms.BaseFormSet):
    """The rows of what was found."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows to keep, in order."""
        return [form.row for form in self.forms if form.is_row]


def finding_formset(data: Mapping[str, Any] | None = None, *, spare: int = 3) -> FindingFormSet:
    """Return empty rows, or what was sent."""
    made = forms.formset_factory(
        FindingForm, formset=FindingFormSet, extra=spare, max_num=MOST_FINDINGS, validate_max=True
    )
    return cast("FindingFormSet", made(data, prefix="finding"))


def _unknown(typed: str, near: tuple[str, ...]) -> str:
    if near:
        return _("“%(typed)s” could be: %(names)s.") % {"typed": typed, "names": ", ".join(near)}
    return _("No muscle, point or region is called “%(typed)s”.") % {"typed": typed}

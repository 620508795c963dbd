"""Rows of an examination: what is told of a site, and what is found at a place; typed as therapists write it."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.assessment.models import Complaint, Finding
from rls_module.knowledge.vocabulary import fascial, places

MOST_ROWS = 60
SIDES = [("L", gettext_lazy("L")), ("R", gettext_lazy("R")), ("B", gettext_lazy("both")), ("M", gettext_lazy("mid"))]
_EARLIEST = 1900


def _scale(label: Any, most: int) -> forms.TypedChoiceField:
    """A short list of numbers, from none to `most`."""
    numbers = [(str(number), str(number)) for number in range(most + 1)]
    return forms.TypedChoiceField(
        label=label, choices=[("", "–"), *numbers], coerce=int, empty_value=None, required=False
    )


class PlaceForm(forms.Form):
    """One row about a place: a muscle, a fascial point or a region, with its side."""

    nothing_said = gettext_lazy("Write where, or drop the row.")

    place = forms.CharField(
        label=gettext_lazy("Where"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "data-suggest": "places",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "placeholder": gettext_lazy("sol l, er-pe dx, heel r"),
            }
        ),
    )
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=SIDES, required=False, widget=forms.RadioSelect)

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
        """Refuse half a row."""
        values = super().clean() or {}
        if self.has_changed() and not values.get("drop") and "place" not in self.errors and not values.get("place"):
            self.add_error("place", self.nothing_said)
        return values

    @property
    def is_row(self) -> bool:
        """True for a row to keep."""
        return bool(self.cleaned_data.get("place")) and not self.cleaned_data.get("drop")

    @property
    def where(self) -> dict[str, Any]:
        """The place as rows hold it; the side from what was typed where no chip was touched."""
        assert self.read is not None  # noqa: S101  a row to keep has a place that was read
        side = self.cleaned_data["side"] or self.read.side
        return {"place": self.read.key, "place_kind": self.read.kind, "side": side}

    def held(self, *names: str) -> dict[str, Any]:
        """The values of these fields."""
        return {name: self.cleaned_data[name] for name in names}


class FindingForm(PlaceForm):
    """One finding."""

    nothing_said = gettext_lazy("Write where this was found, or drop the row.")

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=[("", "–"), *Finding.Kind.choices], required=False)
    grade = _scale(gettext_lazy("Grade"), 3)
    activity = forms.ChoiceField(
        label=gettext_lazy("Trigger point"), choices=[("", "–"), *Finding.Activity.choices], required=False
    )
    signs = forms.MultipleChoiceField(
        label=gettext_lazy("Movement"),
        choices=Finding.Sign.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    pain = _scale(gettext_lazy("Pain"), 10)
    spreads_to = forms.CharField(label=gettext_lazy("Spreads to"), required=False, max_length=120)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=400)
    drop = forms.BooleanField(label=gettext_lazy("drop"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask what was found; what belongs to one kind stands at no other."""
        values = super().clean() or {}
        if not values.get("place") or values.get("drop"):
            return values
        kind = values.get("kind")
        if not kind:
            self.add_error("kind", _("Choose what was found there."))
        if values.get("activity") and kind != Finding.Kind.TRIGGER_POINT:
            self.add_error("activity", _("Active or latent is said of a trigger point."))
        if values.get("signs") and kind != Finding.Kind.MOVEMENT:
            self.add_error("signs", _("Painful, weak or limited is said of a movement."))
        return values

    @property
    def row(self) -> dict[str, Any]:
        """The values as Finding holds them; the grade from asterisks where none was chosen."""
        grade = self.cleaned_data["grade"]
        about = self.held("kind", "activity", "signs", "pain", "spreads_to", "note")
        return {**self.where, **about, "grade": grade if grade is not None or self.read is None else self.read.grade}


class ComplaintForm(PlaceForm):
    """What is told of one site."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=[("", "–"), *Complaint.Kind.choices], required=False)
    year = forms.IntegerField(label=gettext_lazy("Year"), required=False, min_value=_EARLIEST)
    since = forms.CharField(label=gettext_lazy("How long"), required=False, max_length=60)
    course = forms.ChoiceField(
        label=gettext_lazy("Course"), choices=[("", "–"), *Complaint.Course.choices], required=False
    )
    how_often = forms.CharField(label=gettext_lazy("How often"), required=False, max_length=60)
    pain_now = _scale(gettext_lazy("Pain now"), 10)
    pain_worst = _scale(gettext_lazy("Pain at worst"), 10)
    worse_when = forms.CharField(label=gettext_lazy("Worse when"), required=False, max_length=60)
    movement = forms.CharField(
        label=gettext_lazy("Movement that brings it on"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("re-lu, or in words"), "autocomplete": "off"}),
    )
    movement_pain = _scale(gettext_lazy("Pain then"), 10)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=400)
    drop = forms.BooleanField(label=gettext_lazy("drop"), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_movement(self) -> str:
        """Write the code of a movement as it is written; words stay words."""
        typed = str(self.cleaned_data["movement"]).strip()
        try:
            read = fascial.parse(typed)
        except fascial.NotAPoint:
            return typed
        return f"{read.key} {read.side}".strip()

    def clean(self) -> dict[str, Any]:
        """Ask what it is; a year has come, and the worst is no less than now."""
        values = super().clean() or {}
        if not values.get("place") or values.get("drop"):
            return values
        if not values.get("kind"):
            self.add_error("kind", _("Choose what it is."))
        if (values.get("year") or 0) > self.today.year:
            self.add_error("year", _("This year has not come yet."))
        now, worst = values.get("pain_now"), values.get("pain_worst")
        if now is not None and worst is not None and worst < now:
            self.add_error("pain_worst", _("This is less than the pain now."))
        return values

    @property
    def row(self) -> dict[str, Any]:
        """The values as Complaint holds them."""
        told = ("kind", "year", "since", "course", "how_often", "pain_now", "pain_worst", "worse_when")
        return {**self.where, **self.held(*told, "movement", "movement_pain", "note")}


class Rows(forms.BaseFormSet):
    """Rows of one kind."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows to keep, in order."""
        return [form.row for form in self.forms if form.is_row]


def finding_rows(data: QueryDict | None = None) -> Rows:
    """Return empty rows of findings, or what was sent."""
    return _rows(FindingForm, "finding", data, spare=3)


def complaint_rows(data: QueryDict | None = None, *, today: date) -> Rows:
    """Return empty rows of complaints, or what was sent."""
    return _rows(ComplaintForm, "complaint", data, spare=2, form_kwargs={"today": today})


def with_more(rows: Rows, *, more: int) -> Rows:
    """Return what was typed into `rows` and `more` empty ones, all of it not judged yet."""
    form = cast("type[PlaceForm]", rows.form)
    typed = [as_typed(one) for one in rows.forms]
    return _rows(form, rows.prefix or "", None, spare=more, initial=typed, form_kwargs=rows.form_kwargs)


def as_typed(form: forms.Form) -> dict[str, Any]:
    """Return what was typed into a form, field by field, as it came."""
    return {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    }


def _rows(form: type[PlaceForm], prefix: str, data: QueryDict | None, *, spare: int, **more: Any) -> Rows:
    made = forms.formset_factory(form, formset=Rows, extra=spare, max_num=MOST_ROWS, validate_max=True)
    return cast("Rows", made(data, prefix=prefix, **more))


def _unknown(typed: str, near: tuple[str, ...]) -> str:
    if near:
        return _("“%(typed)s” could be: %(names)s.") % {"typed": typed, "names": ", ".join(near)}
    return _("No muscle, point or region is called “%(typed)s”.") % {"typed": typed}

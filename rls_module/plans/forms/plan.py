"""A plan on one page: what it says, its goals, and what will be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rls_module.cases.models import Activity
from rls_module.knowledge.planning import education
from rls_module.knowledge.vocabulary import places
from rls_module.library.models import PlanTemplate
from rls_module.plans.models import Goal, Plan, PlannedIntervention

MOST_GOALS = 8
MOST_INTERVENTIONS = 8


def _count(label: Any, most: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most, widget=widget)


def topic_choices(kept: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return what can be explained, by key and name; a retired topic only where it is `kept` already."""
    language = (get_language() or "en").split("-")[0]
    return [(one.key, one.named(language)) for one in education.topics() if not one.retired or one.key in kept]


def _area(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class PlanForm(forms.Form):
    """What the plan itself says. A draft may lack any of it; a signature may not."""

    diagnosis = forms.CharField(
        label=gettext_lazy("Diagnosis, as given by the physician"), required=False, max_length=200
    )
    times_per_week = _count(gettext_lazy("Times a week"), 7)
    weeks = _count(gettext_lazy("Weeks"), 52)
    planned_sessions = _count(gettext_lazy("Visits planned"), 100)
    review_on = forms.DateField(
        label=gettext_lazy("Review on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    is_precautions_reviewed = forms.BooleanField(label=gettext_lazy("Precautions reviewed"), required=False)
    precautions = _area(gettext_lazy("Precautions"))
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("Topics to explain"), required=False, widget=forms.CheckboxSelectMultiple
    )
    education = _area(gettext_lazy("More to teach and explain"))
    discharge_criteria = _area(gettext_lazy("Done when"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.MultipleChoiceField", self.fields["topics"])
        field.choices = topic_choices(kept=(self.initial or {}).get("topics") or ())

    @classmethod
    def of(cls, plan: Plan, data: Mapping[str, Any] | None = None) -> PlanForm:
        """Return the form of `plan`, with what is stored or with what was sent."""
        return cls(data, initial={name: getattr(plan, name) for name in cls.base_fields})


class GoalForm(forms.Form):
    """One goal: an activity the patient named, something the check-in measures, or the therapist's own words."""

    activity = forms.ChoiceField(label=gettext_lazy("Activity the patient named"), required=False)
    measure = forms.ChoiceField(label=gettext_lazy("Or what is measured"), required=False)
    text = forms.CharField(label=gettext_lazy("Or in words"), required=False, max_length=200)
    baseline = forms.CharField(label=gettext_lazy("Now"), required=False, max_length=60)
    target = forms.CharField(label=gettext_lazy("Target"), required=False, max_length=60)
    by_on = forms.DateField(label=gettext_lazy("By"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    drop = forms.BooleanField(label=gettext_lazy("drop"), required=False)

    def __init__(
        self, *args: Any, activities: Sequence[Activity], measures: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.activities = {str(one.uuid): one for one in activities}
        self.measures = dict(measures)
        offered = {"activity": [(key, one.text) for key, one in self.activities.items()], "measure": measures}
        for name, found in offered.items():
            cast("forms.ChoiceField", self.fields[name]).choices = [("", "–"), *found]

    def clean(self) -> dict[str, Any]:
        """Refuse a goal about nothing, and one about two things."""
        values = super().clean() or {}
        if not self.has_changed() or values.get("drop") or "activity" in self.errors or "measure" in self.errors:
            return values
        if values.get("activity") and values.get("measure"):
            self.add_error("measure", _("One goal is about one thing: the activity or what is measured."))
        elif not any(values.get(name) for name in ("activity", "measure", "text")):
            self.add_error("text", _("Choose an activity or write what the goal is, or drop the row."))
        return values

    @property
    def is_row(self) -> bool:
        """True for a row to keep."""
        values = self.cleaned_data
        return any(values.get(name) for name in ("activity", "measure", "text")) and not values.get("drop")

    @property
    def row(self) -> dict[str, Any]:
        """The values as Goal holds them."""
        values = self.cleaned_data
        activity = self.activities.get(values["activity"])
        return {
            "activity": activity,
            "measure": values["measure"],
            "text": values["text"] or (activity.text if activity else self.measures.get(values["measure"], "")),
            "baseline": values["baseline"],
            "target": values["target"],
            "by_on": values["by_on"],
        }


class InterventionForm(forms.Form):
    """One kind of treatment and what it is aimed at, typed as therapists write it."""

    modality = forms.ChoiceField(
        label=gettext_lazy("Treatment"), choices=[("", "–"), *PlannedIntervention.Modality.choices], required=False
    )
    targets = forms.CharField(
        label=gettext_lazy("Aimed at"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("sol l, er-pe dx, heel r"), "autocomplete": "off"}),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=400)
    drop = forms.BooleanField(label=gettext_lazy("drop"), required=False)

    def clean_targets(self) -> str:
        """Read every place in the list; say which one is none."""
        typed = str(self.cleaned_data["targets"]).strip()
        self.read: tuple[places.Place, ...] = ()
        for part in filter(str.strip, typed.replace(";", ",").split(",")):
            try:
                self.read += (places.find(part),)
            except places.NoPlace as unknown:
                raise forms.ValidationError(_unknown(part.strip(), unknown.near)) from None
        return typed

    def clean(self) -> dict[str, Any]:
        """Refuse targets without a treatment."""
        values = super().clean() or {}
        if self.has_changed() and not values.get("drop") and not values.get("modality"):
            self.add_error("modality", _("Choose the treatment, or drop the row."))
        return values

    @property
    def is_row(self) -> bool:
        """True for a row to keep."""
        return bool(self.cleaned_data.get("modality")) and not self.cleaned_data.get("drop")

    @property
    def row(self) -> dict[str, Any]:
        """The values as PlannedIntervention holds them."""
        return {
            "modality": self.cleaned_data["modality"],
            "targets": [{"kind": one.kind, "key": one.key, "side": one.side} for one in self.read],
            "note": self.cleaned_data["note"],
        }


class RowFormSet(forms.BaseFormSet):
    """The rows of one block."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows to keep, in order."""
        return [form.row for form in self.forms if form.is_row]


def goal_formset(
    goals: Sequence[Mapping[str, Any]],
    activities: Sequence[Activity],
    measures: Sequence[tuple[str, str]],
    data: Mapping[str, Any] | None = None,
) -> RowFormSet:
    """Return the goals that are stored or proposed and a spare row, or what was sent; `measures` are key and name."""
    made = forms.formset_factory(GoalForm, formset=RowFormSet, extra=1, max_num=MOST_GOALS, validate_max=True)
    kwargs = {"activities": activities, "measures": measures}
    return cast("RowFormSet", made(data, prefix="goal", initial=None if data else list(goals), form_kwargs=kwargs))


def as_typed(goal: Goal) -> dict[str, Any]:
    """Return a stored goal as its row of the form."""
    return {
        "activity": str(goal.activity.uuid) if goal.activity else "",
        "measure": goal.measure,
        "text": "" if goal.activity else goal.text,
        "baseline": goal.baseline,
        "target": goal.target,
        "by_on": goal.by_on,
    }


def intervention_formset(
    interventions: Sequence[Mapping[str, Any]], data: Mapping[str, Any] | None = None
) -> RowFormSet:
    """Return what is stored or proposed (modality, targets as typed, note) and a spare row, or what was sent."""
    made = forms.formset_factory(
        InterventionForm, formset=RowFormSet, extra=1, max_num=MOST_INTERVENTIONS, validate_max=True
    )
    return cast("RowFormSet", made(data, prefix="intervention", initial=None if data else list(interventions)))


class BeginForm(forms.Form):
    """What a plan begins from: nothing, or the plan that runs; else a template of the clinic."""

    template = forms.ChoiceField(label=gettext_lazy("Begin from"), required=False)

    def __init__(self, *args: Any, templates: Sequence[PlanTemplate], is_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates = {one.key: one for one in templates}
        least = ("", _("the plan that runs") if is_change else _("an empty page"))
        field = cast("forms.ChoiceField", self.fields["template"])
        field.choices = [least, *((key, one.name) for key, one in self.templates.items())]

    @property
    def chosen(self) -> PlanTemplate | None:
        """The template that was chosen."""
        return self.templates.get(self.cleaned_data["template"])


class StatusForm(forms.Form):
    """Why a plan is held, ended or taken up again."""

    to = forms.ChoiceField(choices=Plan.Status.choices)
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=400)

    def clean(self) -> dict[str, Any]:
        """Ask why, but for going on."""
        values = super().clean() or {}
        if values.get("to") != Plan.Status.ACTIVE and not values.get("reason"):
            self.add_error("reason", _("Write why."))
        return values


def _unknown(typed: str, near: tuple[str, ...]) -> str:
    if near:
        return _("“%(typed)s” could be: %(names)s.") % {"typed": typed, "names": ", ".join(near)}
    return _("No muscle, point or region is called “%(typed)s”.") % {"typed": typed}

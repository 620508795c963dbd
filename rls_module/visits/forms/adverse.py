"""An adverse event, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.knowledge.safety import adverse
from rls_module.visits.forms import fields
from rls_module.visits.forms.needling import meant_muscle
from rls_module.visits.models import AdverseEvent, Visit


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}))


def _words(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


def _one_of(label: Any, choices: Sequence[tuple[str, Any]], **values: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **values)


class _OfThePast(forms.Form):
    """A form with days that must have come."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date, **values: Any) -> None:
        super().__init__(data, **values)
        self.today = today

    def _past(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day is not None and day > self.today:
            raise ValidationError(_("This day has not come yet."))
        return day


class AdverseEventForm(_OfThePast):
    """What happened, when, how it hangs together with treatment, what was done, and how it stands."""

    event = forms.ChoiceField(label=gettext_lazy("What happened"))
    tier = _one_of(
        gettext_lazy("How grave"),
        [("", gettext_lazy("as usual for it")), *AdverseEvent.Tier.choices[1:]],
        required=False,
        help_text=gettext_lazy(
            "Significant: needs medical attention or gets in the way. Serious: admission, lasting harm, death."
        ),
    )
    visit = forms.ChoiceField(label=gettext_lazy("After which visit"), required=False)
    occurred_on = _day(gettext_lazy("On"))
    onset = _one_of(gettext_lazy("It began"), AdverseEvent.Onset.choices)
    relation = _one_of(gettext_lazy("Related to treatment"), AdverseEvent.Relation.choices)
    muscle = fields.typed(gettext_lazy("Muscle, where it was one"), options="rls-muscles")
    description = _words(gettext_lazy("In words"), required=False)
    action_taken = _words(gettext_lazy("What was done"))
    outcome = _one_of(gettext_lazy("How it stands"), AdverseEvent.Outcome.choices)
    resolved_on = _day(gettext_lazy("Resolved on"), required=False)
    reported_to = forms.CharField(label=gettext_lazy("Reported to"), required=False, max_length=200)
    source = _one_of(gettext_lazy("How we know"), AdverseEvent.Source.choices)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, visits: Sequence[Visit], language: str, today: date
    ) -> None:
        """`visits` are the case's own, the newest first: that one is proposed."""
        newest = str(visits[0].uuid) if visits else ""
        proposed = {"occurred_on": today, "visit": newest, "source": "visit", "tier": ""}
        super().__init__(data, today=today, initial=proposed)
        self.visits = {str(one.uuid): one for one in visits}
        tiers = dict(AdverseEvent.Tier.choices)
        self.fields["event"].choices = [("", "–")] + [  # type: ignore[attr-defined]
            (tiers[tier], named) for tier, named in adverse.choices(language)
        ]
        self.fields["visit"].choices = [("", _("none"))] + [  # type: ignore[attr-defined]
            (key, formats.date_format(one.visit_date, "DATE_FORMAT")) for key, one in self.visits.items()
        ]

    def clean_visit(self) -> Visit | None:
        """Return the visit itself."""
        return self.visits.get(self.cleaned_data["visit"])

    def clean_muscle(self) -> str:
        """Return the key of the muscle that was meant; ask back where several fit."""
        typed = self.cleaned_data["muscle"].strip()
        return meant_muscle(typed).muscle.key if typed else ""

    def clean_occurred_on(self) -> Any:
        """Refuse a day that has not come."""
        return self._past("occurred_on")

    def clean_resolved_on(self) -> Any:
        """Refuse a day that has not come."""
        return self._past("resolved_on")

    def clean(self) -> dict[str, Any]:
        """Ask for words where the list has none, and for days that fit together."""
        values = super().clean() or {}
        if values.get("event") == adverse.OTHER and not values.get("description", "").strip():
            self.add_error("description", _("Write what happened."))
        began, ended = values.get("occurred_on"), values.get("resolved_on")
        if ended and values.get("outcome") not in (None, AdverseEvent.Outcome.RESOLVED):
            self.add_error("resolved_on", _("A day is for what is resolved."))
        elif began and ended and ended < began:
            self.add_error("resolved_on", _("This is before the day it happened."))
        return values


class FollowUpForm(_OfThePast):
    """What came of an adverse event."""

    outcome = _one_of(gettext_lazy("How it stands"), AdverseEvent.Outcome.choices)
    told_on = _day(gettext_lazy("On"))
    note = _words(gettext_lazy("What came of it"))
    reported_to = forms.CharField(label=gettext_lazy("Reported to"), required=False, max_length=200)

    def __init__(self, data: Mapping[str, Any] | None = None, *, event: AdverseEvent, today: date) -> None:
        super().__init__(data, today=today, initial={"told_on": today})
        self.event = event

    def clean_told_on(self) -> Any:
        """Refuse a day that has not come, or was before."""
        day = self._past("told_on")
        if day < self.event.occurred_on:
            raise ValidationError(_("This is before the day it happened."))
        return day

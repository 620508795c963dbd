"""One medicine, as the patient tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.intake.models import Medication
from rls_module.knowledge.vocabulary import loading

DATES = ("started_on", "changed_on", "stopped_on")


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _text(label: Any, longest: int, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=longest, widget=forms.TextInput(attrs=attrs))


class MedicineForm(forms.Form):
    """Only the name and what it is for are needed."""

    name = forms.CharField(
        label=gettext_lazy("Medicine or iron"),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "rls-medicines", "autocomplete": "off"}),
    )
    indication = forms.ChoiceField(
        label=gettext_lazy("What for"), choices=Medication.Indication.choices, widget=forms.RadioSelect
    )
    dose = _text(gettext_lazy("How much"), 60, placeholder="0.5 mg")
    times = _text(gettext_lazy("At what time"), 60, placeholder="21:00")
    started_on = _day(gettext_lazy("Since"))
    changed_on = _day(gettext_lazy("Last changed"))
    change_note = _text(gettext_lazy("How it was changed"), 200)
    stopped_on = _day(gettext_lazy("Until"))
    stop_reason = _text(gettext_lazy("Why it ended"), 200)
    prescriber = _text(gettext_lazy("Prescribed by"), 120)
    helps = forms.TypedChoiceField(
        label=gettext_lazy("Helps, 0 to 10"),
        choices=[("", "–"), *((str(number), str(number)) for number in range(11))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    side_effects = forms.MultipleChoiceField(
        label=gettext_lazy("Side effects"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, language: str, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today
        effects = self.fields["side_effects"]
        assert isinstance(effects, forms.MultipleChoiceField)  # noqa: S101  declared above
        effects.choices = [
            (one.key, one.spanish if language == "es" else one.english) for one in loading.side_effects()
        ]

    @classmethod
    def of(cls, row: Medication, data: Mapping[str, Any] | None = None, **kwargs: Any) -> MedicineForm:
        """Return the form of a medicine that stands, or with what was sent."""
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields}, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Refuse days that have not come, and an end before the beginning."""
        values = super().clean() or {}
        for name in DATES:
            if values.get(name) and values[name] > self.today:
                self.add_error(name, _("This day has not come yet."))
        started, stopped = values.get("started_on"), values.get("stopped_on")
        if started and stopped and stopped < started:
            self.add_error("stopped_on", _("It ended before it began; check both days."))
        return values

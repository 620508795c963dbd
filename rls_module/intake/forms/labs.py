"""One iron panel, as it stands on the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.intake.models import LabPanel
from rls_module.knowledge.safety import iron

KNOWN = [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")), ("unknown", gettext_lazy("not known"))]
SPECIALIST = [
    ("", gettext_lazy("none of these")),
    ("esrd", gettext_lazy("dialysis or end-stage kidney disease")),
    ("pregnant", gettext_lazy("pregnant")),
    ("recent_infusion", gettext_lazy("iron infusion in the 8 weeks before")),
]
LABELS: Mapping[iron.Analyte, Any] = {
    "ferritin": gettext_lazy("Ferritin"),
    "tsat": gettext_lazy("Transferrin saturation"),
    "iron": gettext_lazy("Serum iron"),
    "tibc": gettext_lazy("Iron binding capacity (TIBC)"),
    "haemoglobin": gettext_lazy("Haemoglobin"),
    "crp": gettext_lazy("CRP"),
}


def _chips(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


class LabForm(forms.Form):
    """Values with their units, and how they came about. At least one value; odd ones are asked about, never refused."""

    is_doubtful = False  # whether something must be confirmed

    collected_on = forms.DateField(
        label=gettext_lazy("Blood was taken on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=LabPanel.Source.choices, widget=forms.RadioSelect)
    crp_limit = forms.DecimalField(
        label=gettext_lazy("Laboratory's own CRP limit, mg/L"), required=False, min_value=0, max_value=1000
    )
    specialist_reason = _chips(gettext_lazy("A specialist's rule applies"), SPECIALIST)
    laboratory = forms.CharField(label=gettext_lazy("Laboratory"), required=False, max_length=200)
    assay = forms.CharField(label=gettext_lazy("Ferritin assay, maker"), required=False, max_length=100)
    fasting = _chips(gettext_lazy("Fasting"), KNOWN)
    morning = _chips(gettext_lazy("In the morning"), KNOWN)
    iron_free_24h = _chips(gettext_lazy("No iron for 24 hours before"), KNOWN)
    persists = forms.BooleanField(label=gettext_lazy("Iron is normal, restless legs persist"), required=False)
    is_confirmed = forms.BooleanField(label=gettext_lazy("It stands so on the report"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, today: date, born: date = date.min, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.today, self.born = today, born
        for analyte, label in LABELS.items():
            units = iron.UNITS[analyte]
            self.fields[analyte] = forms.DecimalField(
                label=label,
                required=False,
                min_value=Decimal(0),
                max_digits=9,
                decimal_places=3,
                widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
            )
            self.fields[f"{analyte}_unit"] = forms.ChoiceField(
                label=_("Unit of %(analyte)s") % {"analyte": label},
                choices=[(unit, unit) for unit in units],
                required=False,
            )

    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return each value with its unit, for the page."""
        return [(self[analyte], self[f"{analyte}_unit"]) for analyte in LABELS]

    def clean_collected_on(self) -> date:
        """Refuse a day that has not come, or that was before the patient came."""
        day: date = self.cleaned_data["collected_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        if day < self.born:
            raise forms.ValidationError(_("The patient was not born yet on this day."))
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for one value at least, for none that can't be, and twice for what is hardly ever so."""
        values = super().clean() or {}
        if self.errors:
            return values
        for analyte in LABELS:
            if values[analyte] == 0 and iron.USUAL[analyte][0] > 0:
                self.add_error(analyte, _("This is never 0. What was not measured stays empty."))
        if not any(values.get(analyte) is not None for analyte in LABELS):
            self.add_error("ferritin", _("Enter at least one value."))
        if not self.errors and not values["is_confirmed"] and (odd := self._odd()):
            self.is_doubtful = True
            self.add_error("is_confirmed", " ".join(odd))
        return values

    def _odd(self) -> list[str]:
        """Say what about the values is possible and not likely."""
        values = {key: iron.canonical(key, value, unit) for key, (value, unit) in self.entered().items()}
        found = [
            _("%(analyte)s is hardly ever outside of %(least)d to %(most)d %(unit)s: check the value and its unit.")
            % {
                "analyte": LABELS[key],
                "least": iron.USUAL[key][0],
                "most": iron.USUAL[key][1],
                "unit": next(iter(iron.UNITS[key])),
            }
            for key in iron.unusual(values)
        ]
        if "tsat_differs" in iron.doubts(values):
            found.append(_("The saturation differs from iron divided by binding capacity: check all three."))
        return found

    def entered(self) -> dict[iron.Analyte, tuple[Decimal, str]]:
        """Return analyte -> (value, unit) of the values that were entered."""
        values = self.cleaned_data
        return {
            analyte: (values[analyte], values[f"{analyte}_unit"] or next(iter(iron.UNITS[analyte])))
            for analyte in LABELS
            if values[analyte] is not None
        }

    def about(self) -> dict[str, Any]:
        """Return the other fields of the panel."""
        names = "collected_on source crp_limit specialist_reason laboratory assay fasting morning iron_free_24h"
        return {name: self.cleaned_data[name] for name in (*names.split(), "persists", "note")}


class VoidForm(forms.Form):
    """Why a panel is marked as entered in error."""

    reason = forms.CharField(label=gettext_lazy("Entered in error, because"), max_length=400)

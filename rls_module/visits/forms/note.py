"""The note's own fields, in the order of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.visits.forms import fields
from rls_module.visits.models import Visit

MOST_NEEDLES_OUT = 1600


class NoteForm(forms.Form):
    """The note's own fields, in the order of the page. A draft may lack any of them; a signature may not."""

    visit_date = forms.DateField(label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    since_last = fields.chips(gettext_lazy("Since last time"), Visit.Since.choices)
    nights = forms.TypedChoiceField(
        label=gettext_lazy("Nights with symptoms, last 7"),
        choices=[(str(number), str(number)) for number in range(8)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    reaction = fields.chips(gettext_lazy("Reaction to the last treatment"), Visit.Reaction.choices)
    reaction_note = forms.CharField(
        label=gettext_lazy("Which reaction"), required=False, max_length=fields.LONGEST_NOTE
    )
    safety = fields.chips(gettext_lazy("Medicines, bleeding, infection, pregnancy"), Visit.Safety.choices)
    safety_note = forms.CharField(label=gettext_lazy("What changed"), required=False, max_length=fields.LONGEST_NOTE)
    findings = fields.area(gettext_lazy("Findings today"))
    needles_out = fields.count(gettext_lazy("Needles out"), MOST_NEEDLES_OUT)
    discrepancy_note = forms.CharField(
        label=gettext_lazy("A needle is missing: what was done, and what became of it"),
        required=False,
        max_length=fields.LONGEST_NOTE,
    )
    patient_checked = forms.BooleanField(label=gettext_lazy("Patient, clothes and couch were searched"), required=False)
    aftercare_given = forms.BooleanField(label=gettext_lazy("Aftercare explained"), required=False)
    no_treatment_because = forms.CharField(
        label=gettext_lazy("No treatment today, because"), required=False, max_length=fields.LONGEST_NOTE
    )
    response = fields.area(gettext_lazy("Response to today's treatment"))
    timed_minutes = fields.count(
        gettext_lazy("Timed minutes"), fields.MOST_MINUTES, hint=gettext_lazy("One-on-one, without needling.")
    )
    total_minutes = fields.count(
        gettext_lazy("Total minutes"), fields.MOST_MINUTES, hint=gettext_lazy("All treatment, without rest.")
    )
    unit_code = forms.CharField(
        label=gettext_lazy("Codes tie: the unit goes to"),
        required=False,
        max_length=12,
        widget=forms.Select,
    )
    next_time = fields.area(gettext_lazy("Plan for next time"))

    @classmethod
    def of(cls, visit: Visit, data: Mapping[str, Any] | None = None) -> NoteForm:
        """Return the form of `visit`, with what is stored or with what was sent."""
        initial = {name: getattr(visit, name) for name in cls.base_fields}
        return cls(data, initial=initial)

    def offer_units(self, tied: Sequence[str]) -> None:
        """Let the page choose which of the `tied` codes gets the unit."""
        picks = [("", _("the lower number")), *((code, code) for code in tied)]
        self.fields["unit_code"].widget.choices = picks

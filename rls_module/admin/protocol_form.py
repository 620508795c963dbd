"""The next version of a protocol as a form: its hour, its times of asking, and the rule for those who are on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.followups.models import Touchpoint

MOST_TOUCHPOINTS = 12
WEEK = 7


def _days(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=3660, **more)


class VersionForm(forms.Form):
    """What concerns the version as a whole."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    send_time = forms.TimeField(
        label=gettext_lazy("Mails go at, by the patient's clock"), widget=forms.TimeInput(attrs={"type": "time"})
    )
    open_rule = forms.ChoiceField(
        label=gettext_lazy("Patients who are on it now"),
        choices=[
            ("keep", gettext_lazy("stay on their version")),
            ("move", gettext_lazy("move to the new one: what was not sent yet moves, what was sent or answered stays")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=gettext_lazy("Why it changes"), required=False, max_length=400)


class TouchpointForm(forms.Form):
    """One time of asking."""

    step = forms.RegexField(label=gettext_lazy("Key"), regex=r"^[a-zA-Z][a-zA-Z0-9_]*$", max_length=40)
    name_en = forms.CharField(label=gettext_lazy("Name, English"), max_length=60)
    name_es = forms.CharField(label=gettext_lazy("Name, Spanish"), max_length=60)
    weeks = _days(gettext_lazy("Weeks after the first visit"))
    extra_days = _days(gettext_lazy("and days"), required=False)
    on_time_days = _days(gettext_lazy("On time until day"))
    window_days = _days(gettext_lazy("Closed after day"))
    reminder_days = forms.RegexField(
        label=gettext_lazy("Reminders on days"), regex=r"^\s*(\d{1,4}(\s*,\s*\d{1,4})*)?\s*$", required=False
    )
    call_after_days = _days(gettext_lazy("Call on day"), required=False)
    instrument = forms.ChoiceField(
        label=gettext_lazy("What is asked"),
        help_text=gettext_lazy("Only answers to the check-in are held against the alert rules and call for staff."),
    )
    drop = forms.BooleanField(label=gettext_lazy("drop"), required=False)

    def __init__(self, *args: Any, instruments: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = list(instruments.items())  # type: ignore[attr-defined]
        self.fields["instrument"].initial = next(iter(instruments), None)  # left as it is, the empty one stays empty

    @property
    def touchpoint(self) -> dict[str, Any]:
        """The values as a protocol holds them."""
        values = self.cleaned_data
        reminders = [int(day) for day in values["reminder_days"].replace(" ", "").split(",") if day]
        return {
            "step": values["step"],
            "name": {"en": values["name_en"], "es": values["name_es"]},
            "anchor": "first_visit",
            "offset_days": values["weeks"] * WEEK + (values["extra_days"] or 0),
            "on_time_days": values["on_time_days"],
            "window_days": values["window_days"],
            "instruments": [values["instrument"]],
            "reminder_days": reminders,
            "call_after_days": values["call_after_days"],
        }


class TouchpointFormSet(forms.BaseFormSet):
    """The times of asking, in the order they are due."""

    @property
    def touchpoints(self) -> list[dict[str, Any]]:
        """Those to keep."""
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("drop")]
        return sorted((form.touchpoint for form in kept), key=lambda one: one["offset_days"])

    def clean(self) -> None:
        """A protocol asks at least once."""
        if not any(self.errors) and not self.touchpoints:
            raise forms.ValidationError(_("A protocol asks at least once."))


def touchpoint_formset(
    stored: Sequence[Touchpoint], data: Mapping[str, Any] | None = None, *, instruments: Mapping[str, str]
) -> TouchpointFormSet:
    """Return the stored times of asking and an empty one, or what was sent; `instruments` to choose from, by key."""
    gone = {key for row in stored for key in row.instruments} - instruments.keys()
    known = {**instruments, **{key: _("%(key)s (not offered any more)") % {"key": key} for key in sorted(gone)}}
    made = forms.formset_factory(
        TouchpointForm, formset=TouchpointFormSet, extra=1, max_num=MOST_TOUCHPOINTS, validate_max=True
    )
    return cast(
        "TouchpointFormSet",
        made(
            data,
            prefix="touchpoint",
            initial=None if data else list(map(_initial, stored)),
            form_kwargs={"instruments": known},
        ),
    )


def _initial(row: Touchpoint) -> dict[str, Any]:
    weeks, days = divmod(row.offset_days, WEEK)
    return {
        "step": row.step,
        "instrument": row.instruments[0],
        "name_en": row.name.get("en", ""),
        "name_es": row.name.get("es", ""),
        "weeks": weeks,
        "extra_days": days or None,
        "on_time_days": row.on_time_days,
        "window_days": row.window_days,
        "reminder_days": ", ".join(map(str, row.reminder_days)),
        "call_after_days": row.call_after_days,
    }

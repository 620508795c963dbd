"""The rows of the needling block; what is typed for a muscle may be short (`ta r`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.knowledge.vocabulary.loading import muscle as muscle_by_key
from rls_module.knowledge.vocabulary.search import MuscleMatch, is_spelled, search_muscles
from rls_module.visits.forms import fields
from rls_module.visits.forms.rows import RowForm, RowFormSet, formset
from rls_module.visits.models import NeedlingSite

MOST_SITES = 40
MOST_NEEDLES = 40

# Gauge x length in mm, as needles are sold.
NEEDLES = ("0.25x25", "0.25x30", "0.25x40", "0.30x30", "0.30x40", "0.30x50", "0.30x60", "0.30x75")


class SiteForm(RowForm):
    """One needled muscle. An untouched row is no row; what is typed for a muscle may be short (`ta r`)."""

    muscle = fields.typed(
        gettext_lazy("Muscle"), options="rls-muscles", placeholder=gettext_lazy("ta, sol r, gastroc med l")
    )
    side = fields.chips(gettext_lazy("Side"), NeedlingSite.Side.choices)
    technique = forms.ChoiceField(
        label=gettext_lazy("Technique"),
        required=False,
        choices=[("", "–"), *NeedlingSite.Technique.choices],
    )
    needle = forms.ChoiceField(
        label=gettext_lazy("Needle, mm"), required=False, choices=[("", "–"), *((size, size) for size in NEEDLES)]
    )
    needles_in = fields.count(gettext_lazy("In"), MOST_NEEDLES)
    twitch = forms.BooleanField(label=gettext_lazy("twitch"), required=False)
    minutes = fields.count(gettext_lazy("Min"), 60)

    def clean_muscle(self) -> str:
        """Return the key of the muscle that was meant; ask back where several fit."""
        typed = str(self.cleaned_data["muscle"]).strip()
        if not typed:
            return ""
        match = meant_muscle(typed)
        self.typed_side = match.side or ""
        return match.muscle.key

    def clean(self) -> dict[str, Any]:
        """Take the side from the typed muscle where no chip was touched, and refuse a row without its muscle."""
        values = super().clean() or {}
        if not values.get("side"):
            values["side"] = getattr(self, "typed_side", "")
        if self.has_changed() and not values.get("drop") and not values.get("muscle") and "muscle" not in self.errors:
            self.add_error("muscle", _("Write which muscle this row is for, or drop the row."))
        return values

    @property
    def is_row(self) -> bool:
        """True for a row to keep."""
        return bool(self.cleaned_data.get("muscle")) and not self.cleaned_data.get("drop")

    @property
    def row(self) -> dict[str, Any]:
        """The values as NeedlingSite holds them."""
        values = self.cleaned_data
        gauge, _x, length = values["needle"].partition("x")
        return {
            "muscle": values["muscle"],
            "side": values["side"],
            "technique": values["technique"],
            "gauge_mm": Decimal(gauge) if gauge else None,
            "length_mm": int(length) if length else None,
            "needles_in": values["needles_in"],
            "twitch": values["twitch"] or None,
            "minutes": values["minutes"],
            "carried_from": values["carried_from"],
            "keep": values["keep"],
        }


def site_formset(sites: Sequence[NeedlingSite], data: Mapping[str, Any] | None = None) -> RowFormSet:
    """Return the needling rows that are stored and a spare one, or what was sent."""
    return formset(SiteForm, "site", sites, _initial, data, most=MOST_SITES)


def _initial(site: NeedlingSite) -> dict[str, Any]:
    needle = f"{site.gauge_mm:.2f}x{site.length_mm}" if site.gauge_mm is not None else ""
    return {
        "muscle": muscle_name(site.muscle),
        "side": site.side,
        "technique": site.technique,
        "needle": needle,
        "needles_in": site.needles_in,
        "twitch": bool(site.twitch),
        "minutes": site.minutes,
    }


def muscle_name(key: str) -> str:
    """Return the Latin name that therapists write for the muscle with this key."""
    return muscle_by_key(key).latin


def meant_muscle(typed: str) -> MuscleMatch:
    """Return the one muscle that `typed` can mean; raises ValidationError, with the candidates, for none or several."""
    matches = search_muscles(typed)
    if not matches:
        raise ValidationError(_("No muscle is called “%(typed)s”.") % {"typed": typed})
    spelled = [match for match in matches if is_spelled(match.muscle, typed)]
    if spelled or len({match.muscle.key for match in matches}) == 1:
        return (spelled or matches)[0]
    names = ", ".join(dict.fromkeys(match.muscle.latin for match in matches[:5]))
    raise ValidationError(_("“%(typed)s” could be: %(names)s.") % {"typed": typed, "names": names})

"""The clinic's own material: exercises, the licence register, and how the clinic works."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rls_module.admin.gated import answering
from rls_module.admin.managed import Deed, ManagedAdmin, Refused, Sheet, reason_field, scope_of
from rls_module.host.actor import Actor
from rls_module.host.clock import clinic_day, now
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.instruments.definition import FALLBACK_LANGUAGE
from rls_module.knowledge.vocabulary import loading as vocabulary
from rls_module.library import actions, queries
from rls_module.library.models import Exercise, Licence

LONGEST_NAME, LONGEST_WORDS = 80, 600
NEW = -1  # the version of an exercise that does not exist yet


def languages() -> list[str]:
    """Return the languages that patients' words are kept in: those of the shipped check-in."""
    return list(loading.shipped("rls_checkin").languages)


class ExerciseForm(forms.Form):
    """One exercise in every language; a name in English is the least."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.RegexField(
        label=gettext_lazy("Key"),
        regex=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        help_text=gettext_lazy("Small letters, digits and _; it never changes."),
    )
    family = forms.ChoiceField(label=gettext_lazy("Family"), choices=Exercise.Family.choices)
    region = forms.ChoiceField(label=gettext_lazy("Region"))
    is_sided = forms.BooleanField(label=gettext_lazy("Left and right apart"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spanish = (get_language() or "").startswith("es")
        self.fields["region"].choices = [  # type: ignore[attr-defined]
            (one.key, one.spanish if spanish else one.english) for one in vocabulary.regions() if not one.retired
        ]
        for code in languages():
            self.fields[f"name_{code}"] = forms.CharField(
                label=_("Name (%(language)s)") % {"language": code}, max_length=LONGEST_NAME, required=code == "en"
            )
            for name, label in (("cues", _("How it is done")), ("precautions", _("Take care"))):
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=f"{label} ({code})",
                    max_length=LONGEST_WORDS,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
                )
        self.fields["reason"] = reason_field(help_text=_("Needed to retire it."))

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, as the row holds it."""
        typed = self.cleaned_data
        texts = {
            name: {code: typed[f"{name}_{code}"] for code in languages() if typed[f"{name}_{code}"]}
            for name in ("name", "cues", "precautions")
        }
        return {"family": typed["family"], "region": typed["region"], "is_sided": typed["is_sided"], **texts}


class ExerciseAdmin(ManagedAdmin):
    """Exercises that therapists prescribe from; what is prescribed already keeps its exercise when that is retired."""

    view_action = "library.view"
    edit_action = "library.edit"
    adds = True
    list_display = ("title", "family", "region", "offered")
    list_filter = ("family",)
    ordering = ("family", "key")

    @admin.display(description=gettext_lazy("exercise"))
    def title(self, row: Exercise) -> str:
        return queries.words(row.name, get_language() or "en")

    @admin.display(description=gettext_lazy("offered"), boolean=True)
    def offered(self, row: Exercise) -> bool:
        return row.retired_at is None

    def sheet(self, request: HttpRequest, row: Exercise | None, data: Any) -> Sheet:
        form = ExerciseForm(data, initial=_exercise_values(row) if row else {"seen": NEW})
        deeds = [Deed("save", _("Save"), "library.edit")]
        facts = []
        if row is not None:
            form.fields["key"].disabled = True
            if row.retired_at is None:
                deeds.append(Deed("retire", _("Retire"), "library.edit", needs_reason=True))
            else:
                deeds.append(Deed("restore", _("Offer it again"), "library.edit"))
                facts = [(_("Retired"), formats.date_format(row.retired_at, "DATE_FORMAT"))]
        may_edit = self.may_edit(request)
        return Sheet(self.title(row) if row else _("New exercise"), form, deeds if may_edit else (), facts)

    def do(self, request: HttpRequest, row: Exercise | None, deed: str, form: Any, actor: Actor) -> str:
        moment, seen = now(), form.cleaned_data["seen"]
        if row is None:
            return _added(scope_of(request), form, actor)
        match deed:
            case "retire":
                actions.retire_exercise(
                    exercise=row, seen=seen, reason=form.cleaned_data["reason"], actor=actor, now=moment
                )
                return _("It is offered no more. What was prescribed goes on.")
            case "restore":
                actions.save_exercise(exercise=row, seen=seen, values={"retired_at": None}, actor=actor)
                return _("It is offered again.")
            case _:
                actions.save_exercise(exercise=row, seen=seen, values=form.values, actor=actor)
                return _("The exercise is stored.")


def _added(scope: str, form: ExerciseForm, actor: Actor) -> str:
    key = form.cleaned_data["key"]
    if queries.exercise(scope, key) is not None:
        raise Refused(_("There is an exercise with the key “%(key)s” already.") % {"key": key})
    row = Exercise(scope=scope, key=key, created_at=now())
    actions.save_exercise(exercise=row, seen=None, values=form.values, actor=actor)
    return _("The exercise is stored.")


def _exercise_values(row: Exercise) -> dict[str, Any]:
    flat = {
        f"{name}_{code}": getattr(row, name).get(code, "")
        for name in ("name", "cues", "precautions")
        for code in languages()
    }
    plain = {name: getattr(row, name) for name in ("key", "family", "region", "is_sided")}
    return {"seen": row.version, **plain, **flat}


class LicenceForm(forms.Form):
    """One entry of the register."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=Licence.Kind.choices, widget=forms.RadioSelect)
    wording = forms.ChoiceField(label=gettext_lazy("Instrument"))
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    holder = forms.CharField(
        label=gettext_lazy("Holder or reader"), max_length=200, help_text=gettext_lazy("Who permits it or vouches.")
    )
    granted_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    expires_on = forms.DateField(
        label=gettext_lazy("Until, that day included"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=gettext_lazy("Where the paper is; what it is for."),
    )

    def __init__(self, *args: Any, scope: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = queries.newest_instruments(scope)
        wordings = [(f"{one.key}:{one.version}", f"{one.key}, {_('version')} {one.version}") for one in known]
        self.fields["wording"].choices = wordings  # type: ignore[attr-defined]
        codes = sorted({code for one in known for code in one.languages})
        self.fields["language"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An entry does not end before it begins."""
        values = super().clean() or {}
        begins, ends = values.get("granted_on"), values.get("expires_on")
        if begins and ends and ends < begins:
            self.add_error("expires_on", _("This is before the day it begins."))
        return values


class RevokeForm(forms.Form):
    """Why an entry is taken out of force."""

    reason = reason_field()


class LicenceAdmin(ManagedAdmin):
    """Entries are added and revoked, never edited: what was allowed on a day stays readable."""

    view_action = "licence.view"
    edit_action = "licence.edit"
    adds = True
    list_display = (
        "instrument",
        "instrument_version",
        "language",
        "kind",
        "holder",
        "granted_on",
        "expires_on",
        "valid",
    )
    list_filter = ("kind",)
    ordering = ("instrument", "language", "-granted_on")

    @admin.display(description=gettext_lazy("in force"), boolean=True)
    def valid(self, row: Licence) -> bool:
        return _is_valid(row, clinic_day(now(), row.scope))

    def sheet(self, request: HttpRequest, row: Licence | None, data: Any) -> Sheet:
        may_edit = self.may_edit(request)
        if row is None:
            deeds = [Deed("record", _("Enter into the register"), "licence.edit")]
            return Sheet(_("New entry"), LicenceForm(data, scope=scope_of(request)), deeds if may_edit else ())
        deeds = [Deed("revoke", _("Revoke"), "licence.edit", needs_reason=True)]
        title = f"{row.instrument} {row.instrument_version}, {row.language}"
        can_revoke = may_edit and row.revoked_at is None
        return Sheet(title, RevokeForm(data), deeds if can_revoke else (), _licence_facts(row))

    def do(self, request: HttpRequest, row: Licence | None, deed: str, form: Any, actor: Actor) -> str:
        if row is not None:
            actions.revoke_licence(licence=row, reason=form.cleaned_data["reason"], actor=actor, now=now())
            return _("The entry is out of force from now on.")
        values = dict(form.cleaned_data)
        instrument, _colon, version = values.pop("wording").partition(":")
        actions.record_licence(
            scope=scope_of(request),
            instrument=instrument,
            instrument_version=int(version),
            actor=actor,
            now=now(),
            **values,
        )
        return _("The entry is in the register.")


def _is_valid(row: Licence, on: date) -> bool:
    return row.revoked_at is None and row.granted_on <= on and (row.expires_on is None or row.expires_on >= on)


def _licence_facts(row: Licence) -> list[tuple[str, str]]:
    facts = [
        (_("What"), str(row.get_kind_display())),
        (_("Holder or reader"), row.holder),
        (_("From"), formats.date_format(row.granted_on, "DATE_FORMAT")),
        (_("Until"), formats.date_format(row.expires_on, "DATE_FORMAT") if row.expires_on else _("no end")),
        (_("Entered by"), row.recorded_by_name),
        (_("Note"), row.note or "–"),
    ]
    if row.revoked_at:
        day = formats.date_format(row.revoked_at, "DATE_FORMAT")
        facts.append((_("Revoked"), f"{day}, {row.revoked_by_name}: {row.revoked_because}"))
    elif row.kind == Licence.Kind.PERMISSION:
        facts.append((_("Once it ends"), _once_it_ends(row)))
    return facts


def _once_it_ends(row: Licence) -> str:
    if row.language == FALLBACK_LANGUAGE:
        return _("Nothing new is planned with this questionnaire. What is planned already is still asked.")
    return _("Patients get this questionnaire in English.")


WEEKDAYS = (
    (0, gettext_lazy("Monday")),
    (1, gettext_lazy("Tuesday")),
    (2, gettext_lazy("Wednesday")),
    (3, gettext_lazy("Thursday")),
    (4, gettext_lazy("Friday")),
    (5, gettext_lazy("Saturday")),
    (6, gettext_lazy("Sunday")),
)


class PolicyForm(forms.Form):
    """How the clinic works."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Open on"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    opens_at = forms.TimeField(label=gettext_lazy("Opens"), widget=forms.TimeInput(attrs={"type": "time"}))
    closes_at = forms.TimeField(label=gettext_lazy("Closes"), widget=forms.TimeInput(attrs={"type": "time"}))
    closed_days = forms.CharField(
        label=gettext_lazy("Closed days"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 14}),
        help_text=gettext_lazy("One a line, as 2026-12-24."),
    )
    needling_consent_months = forms.IntegerField(
        label=gettext_lazy("A consent to needling holds, months"), min_value=1, max_value=60
    )
    reassess_weeks = forms.IntegerField(label=gettext_lazy("Assess again after weeks"), min_value=1, max_value=52)
    shows_patient_trend = forms.BooleanField(
        label=gettext_lazy("Patients see their own trend at the end of a form"), required=False
    )

    irls_counts_from = forms.TypedChoiceField(
        label=gettext_lazy("A change of the IRLS counts from, points"),
        choices=[(points, str(points)) for points in (3, 5, 9)],
        coerce=int,
        help_text=gettext_lazy("The threshold is disputed; 5 was used in the largest cohort."),
    )
    ears_reversed = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Items of the EARS that run in reverse"),
        choices=[(number, str(number)) for number in range(1, 7)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("By the manual of your licence. Until one is ticked, the EARS has no total."),
    )

    def clean_closed_days(self) -> list[str]:
        """Return the days as ISO dates, each once, in order."""
        days = set()
        for line in filter(None, map(str.strip, self.cleaned_data["closed_days"].splitlines())):
            try:
                days.add(date.fromisoformat(line).isoformat())
            except ValueError:
                raise forms.ValidationError(_("“%(line)s” is no day as 2026-12-24.") % {"line": line[:40]}) from None
        return sorted(days)

    def clean(self) -> dict[str, Any]:
        """A clinic closes after it opens."""
        values = super().clean() or {}
        opens, closes = values.get("opens_at"), values.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("This is not after the hour it opens."))
        return values


class PolicyAdmin(ManagedAdmin):
    """One sheet: opening hours drive by when somebody must act on an answer; consent and review follow the rest."""

    view_action = "policy.view"
    edit_action = "policy.edit"

    @answering
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one policy a clinic: its list is the policy itself."""
        return self.changeform_view(request, "own")

    def found(self, request: HttpRequest, key: str | None) -> Any:
        """Return the clinic's policy, or the defaults it works by until it says otherwise."""
        return queries.policy(scope_of(request))

    def after(self, request: HttpRequest, row: Any) -> str:
        return reverse("admin:rls_module_clinicpolicy_changelist", current_app=self.admin_site.name)

    def sheet(self, request: HttpRequest, row: Any, data: Any) -> Sheet:
        names = (
            *("opens_at", "closes_at", "needling_consent_months", "reassess_weeks", "shows_patient_trend"),
            *("irls_counts_from", "ears_reversed"),
        )
        held = {name: getattr(row, name) for name in names}
        days = row.weekdays or [0, 1, 2, 3, 4]
        initial = {"seen": row.version, "weekdays": days, "closed_days": "\n".join(row.closed_days), **held}
        deeds = [Deed("save", _("Save"), "policy.edit")]
        form = PolicyForm(data, initial=initial)
        return Sheet(_("How the clinic works"), form, deeds if self.may_edit(request) else ())

    def do(self, request: HttpRequest, row: Any, deed: str, form: Any, actor: Actor) -> str:
        values = dict(form.cleaned_data)
        seen = values.pop("seen")
        actions.save_policy(scope=scope_of(request), seen=seen, values=values, actor=actor, now=now())
        return _("This is how the clinic works from now on.")

"""The clinic's plan templates: what a plan may begin from. A plan that began keeps what it copied."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.admin.managed import Deed, ManagedAdmin, Refused, Sheet, reason_field, scope_of
from rls_module.host.actor import Actor
from rls_module.host.clock import now
from rls_module.knowledge.planning.templates import LONGEST_NOTE, LONGEST_TEXT
from rls_module.library import actions, queries
from rls_module.library.models import PlanTemplate
from rls_module.plans.forms.plan import topic_choices
from rls_module.plans.models import PlannedIntervention

NEW = -1  # the version of a template that does not exist yet
MOST_TREATMENTS = 5
COUNTS = ("times_per_week", "weeks", "planned_sessions", "review_weeks")
TEXTS = ("precautions", "education", "discharge_criteria")


def _count(label: Any, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=most)


def _area(label: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3, "cols": 60})
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT, widget=widget)


class TemplateForm(forms.Form):
    """One template; its treatments in the order they lead, as many rows as a plan may have kinds of treatment."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.RegexField(
        label=gettext_lazy("Key"),
        regex=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        help_text=gettext_lazy("Small letters, digits and _; it never changes."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    times_per_week = _count(gettext_lazy("Times a week"), 7)
    weeks = _count(gettext_lazy("Weeks"), 52)
    planned_sessions = _count(gettext_lazy("Visits planned"), 100)
    review_weeks = _count(gettext_lazy("Review after weeks"), 52)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(1, MOST_TREATMENTS + 1):
            number = {"number": row}
            self.fields[f"modality_{row}"] = forms.ChoiceField(
                label=_("Treatment %(number)d") % number,
                choices=[("", "–"), *PlannedIntervention.Modality.choices],
                required=row == 1,
            )
            self.fields[f"note_{row}"] = forms.CharField(
                label=_("Note to treatment %(number)d") % number,
                max_length=LONGEST_NOTE,
                required=False,
                widget=forms.TextInput(attrs={"size": 80}),
            )
        labels = {"precautions": _("Precautions"), "education": _("More to teach and explain")}
        labels["discharge_criteria"] = _("Done when")
        self.fields |= {name: _area(label) for name, label in labels.items()}
        self.fields["topics"] = forms.MultipleChoiceField(
            label=_("Topics to explain"),
            choices=topic_choices(self.initial.get("topics") or ()),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["reason"] = reason_field(help_text=_("Needed to retire it."))

    def clean(self) -> dict[str, Any]:
        """Each kind of treatment stands once, and a note stands beside one."""
        values = super().clean() or {}
        taken: set[str] = set()
        for row in range(1, MOST_TREATMENTS + 1):
            kind = values.get(f"modality_{row}")
            if kind and kind in taken:
                self.add_error(f"modality_{row}", _("This treatment stands above already."))
            elif not kind and values.get(f"note_{row}") and f"modality_{row}" not in self.errors:
                self.add_error(f"modality_{row}", _("Choose the treatment, or take the note away."))
            taken.add(kind or "")
        return values

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, as the row holds it."""
        typed = self.cleaned_data
        treatments = [
            {"modality": typed[f"modality_{row}"], "note": typed[f"note_{row}"]}
            for row in range(1, MOST_TREATMENTS + 1)
            if typed[f"modality_{row}"]
        ]
        return {name: typed[name] for name in ("name", "topics", *COUNTS, *TEXTS)} | {"interventions": treatments}


class PlanTemplateAdmin(ManagedAdmin):
    """Templates that plans begin from; a plan copies its template, so that an edit reaches only the next one."""

    view_action = "library.view"
    edit_action = "library.edit"
    adds = True
    list_display = ("name", "times_per_week", "weeks", "planned_sessions", "offered")
    ordering = ("name", "key")

    @admin.display(description=gettext_lazy("offered"), boolean=True)
    def offered(self, row: PlanTemplate) -> bool:
        return row.retired_at is None

    def sheet(self, request: HttpRequest, row: PlanTemplate | None, data: Any) -> Sheet:
        form = TemplateForm(data, initial=_typed(row) if row else {"seen": NEW})
        deeds = [Deed("save", _("Save"), "library.edit")]
        facts = []
        if row is not None:
            form.fields["key"].disabled = True
            facts = [(_("Version"), str(row.version))]
            if row.retired_at is None:
                deeds.append(Deed("retire", _("Retire"), "library.edit", needs_reason=True))
            else:
                deeds.append(Deed("restore", _("Offer it again"), "library.edit"))
                facts.append((_("Retired"), formats.date_format(row.retired_at, "DATE_FORMAT")))
        return Sheet(row.name if row else _("New template"), form, deeds if self.may_edit(request) else (), facts)

    def do(self, request: HttpRequest, row: PlanTemplate | None, deed: str, form: Any, actor: Actor) -> str:
        seen = form.cleaned_data["seen"]
        if row is None:
            return _added(scope_of(request), form, actor)
        match deed:
            case "retire":
                reason = form.cleaned_data["reason"]
                actions.retire_plan_template(template=row, seen=seen, reason=reason, actor=actor, now=now())
                return _("It is offered no more. Plans that began from it stay.")
            case "restore":
                actions.save_plan_template(template=row, seen=seen, values={"retired_at": None}, actor=actor)
                return _("It is offered again.")
            case _:
                actions.save_plan_template(template=row, seen=seen, values=form.values, actor=actor)
                return _("The template is stored. Plans that began from it stay.")


def _added(scope: str, form: TemplateForm, actor: Actor) -> str:
    key = form.cleaned_data["key"]
    if queries.plan_template(scope, key) is not None:
        raise Refused(_("There is a template with the key “%(key)s” already.") % {"key": key})
    row = PlanTemplate(scope=scope, key=key, created_at=now())
    actions.save_plan_template(template=row, seen=None, values=form.values, actor=actor)
    return _("The template is stored.")


def _typed(row: PlanTemplate) -> dict[str, Any]:
    treatments = {
        f"{name}_{number}": one[name]
        for number, one in enumerate(row.interventions, 1)
        for name in ("modality", "note")
    }
    plain = {name: getattr(row, name) for name in ("key", "name", "topics", *COUNTS, *TEXTS)}
    return {"seen": row.version, **plain, **treatments}

"""A plan while it is written: one page, everything typed comes back, signed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Activity
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.intake import queries as intake_queries
from rls_module.knowledge.vocabulary import fascial, loading, places
from rls_module.plans import actions, forms, queries
from rls_module.plans.forms.plan import RowFormSet, as_typed
from rls_module.plans.models import Plan
from rls_module.plans.views import measured
from rls_module.plans.views.plan import shown


@dataclass(frozen=True, slots=True)
class Sheet:
    """The forms of one draft: what is stored, or what was sent."""

    plan: forms.PlanForm
    goals: RowFormSet
    interventions: RowFormSet

    @classmethod
    def of(cls, plan: Plan, data: QueryDict | None = None) -> Sheet:
        """Return the forms of `plan`; an empty one gets what the patient told and the last examination propose."""
        has = queries.content(plan)
        activities = case_queries.activities(plan.case)
        goals = [as_typed(goal) for goal in has.goals] or _goals_proposed(plan, activities)
        written = [
            {"modality": one.modality, "targets": _typed(one.targets), "note": one.note} for one in has.interventions
        ]
        return cls(
            forms.PlanForm.of(plan, data),
            forms.goal_formset(goals, activities, measured.choices(measured.spoken()), data),
            forms.intervention_formset(written or _proposals(plan), data),
        )

    def is_valid(self) -> bool:
        """Say whether everything on the page can be stored; every form is checked."""
        checked = [form.is_valid() for form in (self.plan, self.goals, self.interventions)]
        return all(checked)


@web.staff
@require_http_methods(["GET", "POST"])
def plan_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a draft as a form to its author; anything else is read on the plan's page."""
    actor = of_request(request)
    wanted = request.POST.get("do", "")
    plan = access.fetch(request, actor, Plan, uuid, _right(request.method, wanted))
    if request.method == "GET":
        is_mine = plan.is_draft and plan.author_id == actor.user_id
        is_mine = is_mine and access.may(request, "plan.edit", plan.chart.patient)
        return _form_page(request, plan) if is_mine else _reading_page(request, plan)
    if wanted == "discard":
        return _discard(request, plan, actor)
    return _save(request, plan, wanted, actor)


def _right(method: str | None, wanted: str) -> str:
    if method == "GET":
        return "plan.view"
    return "plan.sign" if wanted == "sign" else "plan.edit"


def _save(request: HttpRequest, plan: Plan, wanted: str, actor: Actor) -> HttpResponse:
    sheet = Sheet.of(plan, request.POST)
    if not sheet.is_valid():
        return _form_page(request, plan, sheet, status=422)
    moment = now()
    try:
        plan = actions.save_draft(
            plan=plan,
            seen=web.seen_version(request),
            values=sheet.plan.cleaned_data,
            goals=sheet.goals.rows,
            interventions=sheet.interventions.rows,
            actor=actor,
            now=moment,
        )
        if wanted == "sign":
            on = clinic_day(moment, plan.chart.scope)
            actions.sign(plan=plan, seen=plan.version, actor=actor, now=moment, on=on)
    except Stale:
        return _form_page(request, plan, sheet, status=409, theirs=True)
    except (actions.NotTheAuthor, actions.NotADraft):
        raise web.Conflict(_("This plan can't be changed any more, or not by you.")) from None
    except actions.NotReady as refusal:
        plan.refresh_from_db()  # the draft is saved; the version that signing had taken was rolled back
        return _form_page(request, plan, lacks=refusal.lacks, status=422)
    if wanted == "sign":
        messages.success(request, _("Signed. A change is a new plan."), fail_silently=True)
    return redirect("rls:plan_edit", plan.uuid) if wanted == "save" else redirect("rls:plan", plan.case.uuid)


def _discard(request: HttpRequest, plan: Plan, actor: Actor) -> HttpResponse:
    try:
        actions.put_aside(plan=plan, seen=web.seen_version(request), actor=actor)
    except (Stale, actions.NotTheAuthor, actions.NotADraft):
        raise web.Conflict(_("This plan can't be put aside: it was changed, signed, or is not yours.")) from None
    return redirect("rls:plan", plan.case.uuid)


def _form_page(
    request: HttpRequest,
    plan: Plan,
    sheet: Sheet | None = None,
    *,
    lacks: Any = (),
    theirs: bool = False,
    status: int = 200,
) -> HttpResponse:
    stored = queries.as_stored(plan) if theirs else plan
    sheet = sheet or Sheet.of(plan)
    context = {
        **_common(plan),
        "form": sheet.plan,
        "goals": sheet.goals,
        "interventions": sheet.interventions,
        "lacks": [_lack_words(lack) for lack in lacks],
        "red_flags": intake_queries.waiting(plan.chart, measured.spoken()),
        "theirs": {"plan": stored, "has": shown(stored)} if theirs else None,
        "version": stored.version,
        "muscles": loading.muscles(),
        "codes": fascial.default_points(),
    }
    return web.page(request, "rls_module/plans/draft.html", context, status=status)


def _reading_page(request: HttpRequest, plan: Plan) -> HttpResponse:
    context = {**_common(plan), "has": shown(plan), "signature": queries.signature(plan)}
    return web.page(request, "rls_module/plans/read.html", context)


def _common(plan: Plan) -> dict[str, Any]:
    return {
        "plan": plan,
        "case": plan.case,
        "chart": plan.chart,
        "name": adapter().display_name(plan.chart.patient),
    }


def _typed(targets: list[dict[str, str]]) -> str:
    """Write stored targets as they could be typed again."""
    language = measured.spoken()
    names = []
    for one in targets:
        name = one["key"] if one["kind"] == "point" else places.in_words(one["kind"], one["key"], language)
        names.append(f"{name} {_SIDES.get(one['side'], '')}".strip())
    return ", ".join(names)


_SIDES = {"L": "l", "R": "rt", "B": "bi"}  # a bare r after a fascial code is the posterior variant, never "right"


def _goals_proposed(plan: Plan, activities: Sequence[Activity]) -> list[dict[str, Any]]:
    """Return what the patient named and the nights, as goals to begin with, each from the last answer to it."""
    answered = measured.Answered(plan.case, measured.spoken())
    rows: list[dict[str, Any]] = [
        {"activity": str(one.uuid), "baseline": answered.value(activity=one)} for one in activities
    ]
    nights = answered.value(measure=measured.NIGHTS)
    return rows + ([{"measure": measured.NIGHTS, "baseline": nights}] if nights else [])


def _proposals(plan: Plan) -> list[dict[str, Any]]:
    """Return what the last examination found, as treatments to begin with."""
    found = queries.found_targets(plan.case)
    return [{"modality": modality, "targets": _typed(targets), "note": ""} for modality, targets in found.items()]


def _lack_words(lack: queries.Lack) -> dict[str, str]:
    """Say what a plan still lacks, with the id of the control that mends it."""
    words = {
        "red_flags": _("A red flag is open. Answer it first: refer, or write why not."),
        "diagnosis": _("Enter the diagnosis."),
        "times_per_week": _("Enter how often a week."),
        "weeks": _("Enter for how many weeks."),
        "is_precautions_reviewed": _("Go through the precautions and tick that it was done."),
        "goals": _("Set one goal about an activity that the patient named."),
        "interventions": _("Choose at least one treatment."),
        "baseline": _("Goal %(number)d: enter how it is now.") % {"number": lack.row},
        "target": _("Goal %(number)d: enter the target.") % {"number": lack.row},
        "by_on": _("Goal %(number)d: enter by when.") % {"number": lack.row},
    }
    place = {"goals": "id_goal-0-activity", "interventions": "id_intervention-0-modality"}.get(lack.field)
    if lack.block:
        place = f"id_{lack.block}-{lack.row - 1}-{lack.field}"
    return {"target": place or f"id_{lack.field}", "text": words[lack.field]}

"""The plan of a case, as it stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.planning import education
from rls_module.knowledge.vocabulary import places
from rls_module.library import queries as library_queries
from rls_module.plans import actions, forms, queries
from rls_module.plans.models import Plan
from rls_module.plans.views import measured

MOST_ANSWERS = 6  # about the home programme


@web.staff
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the running plan and the earlier ones; begin the next, or move this one on."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "plan.view" if request.method == "GET" else "plan.edit")
    form = forms.StatusForm(request.POST if "to" in request.POST else None)
    standing = queries.running(case)
    begin = forms.BeginForm(
        request.POST if request.POST.get("do") == "begin" else None,
        templates=list(library_queries.plan_templates(case.chart.scope)),
        is_change=standing is not None,
    )
    if standing is not None and ("explained" in request.POST or "said_back" in request.POST):
        _teach(request, standing, actor)
        return redirect("rls:plan", case.uuid)
    if begin.is_valid():
        return redirect("rls:plan_edit", _begun(case, begin, actor).uuid)
    if form.is_valid() and standing is not None:
        _move_on(request, standing, form, actor)
        return redirect("rls:plan", case.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "plan": standing,
        "draft": queries.draft(case),
        "has": shown(standing) if standing else None,
        "signature": queries.signature(standing) if standing else None,
        "form": form,
        "begin": begin,
        "earlier": [row for row in queries.plans(case) if row.signed_at and row != standing],
        "programme": queries.programme(case),
        "adherence": _adherence(case),
        "topics": _topics(standing) if standing else (),
        "progress": _progress(standing) if standing else None,
        "due": _due(request, case),
    }
    return web.page(request, "rls_module/plans/plan.html", context, status=422 if form.errors or begin.errors else 200)


def _teach(request: HttpRequest, standing: Plan, actor: Actor) -> None:
    moment = now()
    try:
        actions.teach(
            plan=standing,
            topic=request.POST.get("said_back") or request.POST.get("explained", ""),
            is_taught_back="said_back" in request.POST,
            on=clinic_day(moment, standing.chart.scope),
            actor=actor,
            now=moment,
        )
    except ValueError:
        raise web.Conflict(_("This topic is not part of the plan any more.")) from None


def _topics(standing: Plan) -> list[dict[str, Any]]:
    language = measured.spoken()
    taught = queries.teachings(standing)
    return [
        {"key": one.key, "name": one.named(language), "last": taught.get(one.key)}
        for one in education.named(standing.topics)
    ]


def _adherence(case: Case) -> list[dict[str, Any]]:
    """Return the last answers about the home programme, with what got in the way in words."""
    words = loading.shipped(measured.CHECKIN).words(measured.spoken()).items["home_barrier"]
    told = queries.adherence(case, adapter().brand(case.chart.scope).zone)[:MOST_ANSWERS]
    return [{"row": one, "barriers": [words.label(key) for key in one.barriers]} for one in told]


def _begun(case: Case, begin: forms.BeginForm, actor: Actor) -> Plan:
    moment = now()
    on = clinic_day(moment, case.chart.scope)
    return actions.open_draft(case=case, actor=actor, now=moment, template=begin.chosen, on=on)


def _progress(standing: Plan) -> queries.Progress:
    scope = standing.chart.scope
    return queries.progress_of(standing, zone=adapter().brand(scope).zone, today=clinic_day(now(), scope))


def _move_on(request: HttpRequest, standing: Plan, form: forms.StatusForm, actor: Actor) -> None:
    values = form.cleaned_data
    try:
        actions.change_status(
            plan=standing, seen=web.seen_version(request), to=values["to"], reason=values["reason"], actor=actor
        )
    except (Stale, ValueError):
        raise web.Conflict(_("This plan was changed in the meantime, or can't go there.")) from None


def _due(request: HttpRequest, case: Case) -> list[dict[str, Any]]:
    """Return what is due for the plan's certification, for those who may see that."""
    if not access.may(request, "billing.view", case.chart.patient):
        return []
    return queries.due_in_words(case, today=clinic_day(now(), case.chart.scope))


def shown(row: Plan) -> dict[str, Any]:
    """Return a plan's rows with the names that staff read."""
    has = queries.content(row)
    language = measured.spoken()
    answered = measured.Answered(row.case, language)
    return {
        "topics": [one.named(language) for one in education.named(row.topics)],
        "goals": [
            {"row": goal, "last": answered.dated(activity=goal.activity, measure=goal.measure)} for goal in has.goals
        ],
        "interventions": [
            {
                "row": one,
                "targets": [
                    f"{places.in_words(place['kind'], place['key'], language)} {place['side']}".strip()
                    for place in one.targets
                ],
            }
            for one in has.interventions
        ],
    }

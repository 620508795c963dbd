"""The plan of a case, as it stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.knowledge.vocabulary import places
from rls_module.plans import actions, forms, queries
from rls_module.plans.models import Plan


@web.staff
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the running plan and the earlier ones; begin the next, or move this one on."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "plan.view" if request.method == "GET" else "plan.edit")
    form = forms.StatusForm(request.POST if "to" in request.POST else None)
    if request.POST.get("do") == "begin":
        return redirect("rls:plan_edit", actions.open_draft(case=case, actor=actor, now=now()).uuid)
    standing = queries.running(case)
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
        "earlier": [row for row in queries.plans(case) if row.signed_at and row != standing],
        "programme": queries.programme(case),
        "due": _due(request, case),
    }
    return web.page(request, "rls_module/plans/plan.html", context, status=422 if form.errors else 200)


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
    language = (get_language() or "en").split("-")[0]
    return {
        "goals": has.goals,
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

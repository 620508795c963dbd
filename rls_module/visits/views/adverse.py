"""Adverse events of a case: record one, from a visit or a call, and write down what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.knowledge.safety import adverse
from rls_module.knowledge.vocabulary.loading import muscles
from rls_module.visits import actions, forms, queries
from rls_module.visits.models import AdverseEvent

MOST_VISITS = 20


@web.staff
@require_http_methods(["GET", "POST"])
def adverse_events(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the adverse events of a case and record one more."""
    actor = of_request(request)
    is_sent = request.method == "POST"
    case = access.fetch(request, actor, Case, uuid, "adverse_event.create" if is_sent else "adverse_event.view")
    form = forms.AdverseEventForm(
        request.POST if is_sent else None,
        visits=list(queries.visits_of(case)[:MOST_VISITS]),
        language=_language(),
        today=clinic_day(now(), case.chart.scope),
    )
    if is_sent and form.is_valid():
        row = actions.record_event(case=case, values=form.cleaned_data, actor=actor, now=now())
        messages.success(request, _("Recorded. It can't be changed; what comes of it is added."), fail_silently=True)
        return redirect("rls:adverse_event", row.uuid)
    context = {
        **_about(case),
        "form": form,
        "events": [_shown(row) for row in queries.adverse_events(case)],
        "muscles": muscles(),
    }
    return web.page(request, "rls_module/visits/adverse_events.html", context, status=422 if is_sent else 200)


@web.staff
@require_http_methods(["GET", "POST"])
def adverse_event(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one adverse event, and write down what came of it."""
    actor = of_request(request)
    is_sent = request.method == "POST"
    right = "adverse_event.follow_up" if is_sent else "adverse_event.view"
    row = access.fetch(request, actor, AdverseEvent, uuid, right)
    today = clinic_day(now(), row.chart.scope)
    form = forms.FollowUpForm(request.POST if is_sent else None, event=row, today=today)
    if is_sent and form.is_valid():
        actions.follow_up_event(event=row, values=form.cleaned_data, actor=actor, now=now())
        messages.success(request, _("Written down."), fail_silently=True)
        return redirect("rls:adverse_event", row.uuid)
    context = {**_about(row.case), "one": _shown(row), "form": form}
    return web.page(request, "rls_module/visits/adverse_event.html", context, status=422 if is_sent else 200)


def _about(case: Case) -> dict[str, Any]:
    return {"case": case, "chart": case.chart, "name": adapter().display_name(case.chart.patient)}


def _shown(row: AdverseEvent) -> dict[str, Any]:
    return {
        "row": row,
        "what": adverse.word(row.event, _language()),
        "muscle": forms.muscle_name(row.muscle) if row.muscle else "",
        "follow_ups": queries.follow_ups(row),
    }


def _language() -> str:
    return (get_language() or "en").split("-")[0]

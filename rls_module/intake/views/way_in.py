"""The way in from the host: to the chart, or to beginning one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Chart
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import now


@web.staff
@require_http_methods(["GET", "POST"])
def patient(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from the host's patient to the chart; where there is none yet, offer to begin one."""
    actor = of_request(request)
    try:
        person = access.patient(request, actor, key, "chart.view")
    except access.Locked as locked:
        return _to_emergency(case_queries.chart_of_patient(locked.patient))
    chart = case_queries.chart_of_patient(person)
    if request.method == "POST":
        access.patient(request, actor, key, "screen.create")
        chart = chart or case_actions.open_chart(patient=person, actor=actor, now=now())
        return redirect("rls:screen", chart.uuid)
    if chart is not None:
        return redirect("rls:chart", chart.uuid)
    return web.page(request, "rls_module/intake/no_chart.html", {"name": adapter().display_name(person)})


def _to_emergency(chart: Chart | None) -> HttpResponse:
    if chart is None:
        raise web.NotFound(_("The patient is not on your list and has no chart here: there is nothing to open."))
    return redirect("rls:emergency", chart.uuid)

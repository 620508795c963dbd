"""Pages of the case room: one task, legal holds, opening a chart in an emergency."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access, actions, forms, queries
from rls_module.cases.models import Chart, Task
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import now
from rls_module.host.rows import Stale


@web.staff
@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a task with the number to call; take it, or close it with what came of it."""
    actor = of_request(request)
    wanted = request.POST.get("do", "")
    right = "task.view" if request.method == "GET" else "task.close" if wanted == "close" else "task.edit"
    row = access.fetch(request, actor, Task, uuid, right)
    form = forms.CloseTaskForm(request.POST if wanted == "close" else None)
    if wanted == "close" and row.is_closed_elsewhere:
        raise web.Conflict(_("Write down what came of the adverse event; resolved, it closes the task."))
    seen, is_stale = web.seen_version(request), False
    try:
        if wanted == "take":
            actions.take_task(task=row, seen=seen, actor=actor)
            return redirect("rls:task", row.uuid)
        if wanted == "close" and form.is_valid():
            actions.close_task(task=row, seen=seen, outcome=form.cleaned_data["outcome"], actor=actor, now=now())
            return redirect("rls:chart", row.chart.uuid)
    except Stale:
        is_stale = True
        row.refresh_from_db()
    context = {
        "task": row,
        "chart": row.chart,
        "name": adapter().display_name(row.chart.patient),
        "may_call": access.may(request, "patient.contact", row.chart.patient),
        "phone": adapter().phone(row.chart.patient),
        "form": form,
        "words": queries.task_words(row, (get_language() or "en").split("-")[0]),
        "now": now(),
        "is_stale": is_stale,
    }
    status = 409 if is_stale else 422 if form.errors else 200
    return web.page(request, "rls_module/cases/task.html", context, status=status)


@web.staff
@require_http_methods(["GET", "POST"])
def holds(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the legal holds of one patient; put one, or lift one."""
    actor = of_request(request)
    wanted = request.POST.get("do", "")
    right = "hold.view" if request.method == "GET" else "hold.lift" if wanted == "lift" else "hold.create"
    chart = access.fetch(request, actor, Chart, uuid, right)
    form = forms.HoldForm(request.POST or None)
    is_stale = False
    if form.is_valid():
        is_stale = not _hold(chart, wanted, request.POST.get("hold", ""), form.cleaned_data["reason"], actor)
        if not is_stale:
            return redirect("rls:holds", chart.uuid)
    context = {
        "chart": chart,
        "name": adapter().display_name(chart.patient),
        "holds": queries.holds(chart),
        "form": form,
        "blank": forms.HoldForm(auto_id="id_blank_%s"),
        "is_stale": is_stale,
        "opens": access.may(request, "chart.view", chart.patient),
        "may_put": access.may(request, "hold.create", chart.patient),
        "may_lift": access.may(request, "hold.lift", chart.patient),
    }
    status = 409 if is_stale else 422 if form.errors else 200
    return web.page(request, "rls_module/cases/holds.html", context, status=status)


def _hold(chart: Chart, wanted: str, key: str, reason: str, actor: Actor) -> bool:
    """Put or lift a hold of this chart; False where the one to lift is gone."""
    if wanted != "lift":
        actions.put_hold(chart=chart, reason=reason, actor=actor, now=now())
        return True
    hold = next((one for one in queries.holds(chart) if str(one.uuid) == key), None)
    try:
        if hold is not None:
            actions.lift_hold(hold=hold, reason=reason, actor=actor, now=now())
    except Stale:
        return False
    return hold is not None


@web.staff
@require_http_methods(["GET", "POST"])
def emergency(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say what it is to read a chart in an emergency, ask for the reason, and open the chart with one."""
    actor = of_request(request)
    chart = _locked_chart(request, actor, uuid)
    if access.standing(request, actor, chart.patient):
        return redirect("rls:chart", chart.uuid)
    form = forms.EmergencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.open_in_emergency(chart=chart, reason=form.cleaned_data["reason"], actor=actor, now=now())
        return redirect("rls:chart", chart.uuid)
    context = {
        "chart": chart,
        "name": adapter().display_name(chart.patient),
        "ref": adapter().public_ref(chart.patient),
        "form": form,
    }
    return web.page(request, "rls_module/cases/emergency.html", context, status=422 if form.errors else 200)


def _locked_chart(request: HttpRequest, actor: Actor, uuid: UUID) -> Chart:
    """Return the chart that may be opened; STAFF_GATE comes before the page, so that no typed reason is lost to it."""
    chart = access.fetch(request, actor, Chart, uuid, "patient.view")
    if access.may(request, "chart.view", chart.patient):
        raise web.Forbidden(_("The patient is on your list: you open the chart as always."))
    access.permit(request, actor, chart, "patient.break_glass")
    return chart

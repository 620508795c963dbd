"""Pages of the case room: one task."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from rls_module.cases import access, actions, forms, queries
from rls_module.cases.models import Task
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
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
        "phone": adapter().phone(row.chart.patient),
        "form": form,
        "words": queries.task_words(row, (get_language() or "en").split("-")[0]),
        "now": now(),
        "is_stale": is_stale,
    }
    status = 409 if is_stale else 422 if form.errors else 200
    return web.page(request, "rls_module/cases/task.html", context, status=status)

"""Starting a note, from a visit of the host or for today."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.visits import actions


@web.staff
@require_POST
def start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a note on the case, from a visit of the host (`visit`, its reference) or for today."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "visit.edit")
    moment = now()
    ref = request.POST.get("visit", "")
    started = _host_start(case, ref) if ref else None
    visit = actions.open_draft(
        case=case,
        visit_date=_day_of(started, case) or clinic_day(moment, case.chart.scope),
        visit_started_at=started if isinstance(started, datetime) else None,
        host_visit=ref,
        actor=actor,
        now=moment,
    )
    return redirect("rls:visit", visit.uuid)


def _host_start(case: Case, ref: str) -> Any:
    """Return when the host's visit started; another patient's visit does not exist here."""
    try:
        host_visit = adapter().visit_from_ref(ref)
        is_own = host_visit is not None and adapter().visit_patient_pk(host_visit) == str(case.chart.patient_id)
        if is_own:
            return adapter().visit_start(host_visit)
    except (AttributeError, TypeError, ValueError):  # the reference names something that is no visit
        pass
    raise web.NotFound


def _day_of(started: Any, case: Case) -> Any:
    if isinstance(started, datetime):
        return started.astimezone(adapter().brand(case.chart.scope).zone).date()
    return started

"""The biller's pages: signed visits with their codes, units and minutes, and no clinical text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rls_module.cases import access
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Chart
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.outcomes import queries
from rls_module.outcomes.forms import DaysForm
from rls_module.visits import queries as visit_queries

MOST_ROWS = 200
FIRST_LOOK = timedelta(days=30)


@web.staff
@require_safe
def billing(request: HttpRequest) -> HttpResponse:
    """List the signed visits of some days, of the patients whose billing this person may see."""
    actor = of_request(request)
    today = clinic_day(now(), adapter().request_scope(request) or "default")
    days = {"first": today - FIRST_LOOK, "last": today}
    form = DaysForm(request.GET if request.GET else {name: day.isoformat() for name, day in days.items()})
    lines = []
    if form.is_valid():
        rows = queries.signed_between(**form.cleaned_data)
        shown = access.listing(request, actor, rows, "billing.view", limit=MOST_ROWS)
        lines = [_line(request, one) for one in visit_queries.billed(shown)]
    context = {"form": form, "lines": lines, "is_full": len(lines) == MOST_ROWS, "most": MOST_ROWS}
    return web.page(request, "rls_module/outcomes/billing.html", context, status=422 if form.errors else 200)


@web.staff
@require_safe
def billing_of_chart(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one patient's signed visits with the arithmetic of their units."""
    actor = of_request(request)
    chart = access.fetch(request, actor, Chart, uuid, "billing.view")
    rows = list(queries.signed_of(chart)[:MOST_ROWS])
    context = {
        "chart": chart,
        "name": adapter().display_name(chart.patient),
        "ref": adapter().public_ref(chart.patient),
        "opens": access.may(request, "chart.view", chart.patient),
        "case": case_queries.latest_case(chart),
        "may_notice": access.may(request, "notice.view", chart.patient),
        "lines": [_line(request, one) for one in visit_queries.billed(rows)],
    }
    return web.page(request, "rls_module/outcomes/billing_of_chart.html", context)


def _line(request: HttpRequest, one: visit_queries.Billed) -> dict[str, Any]:
    """Return a visit as a biller reads it: nothing of what its author wrote."""
    patient = one.visit.chart.patient
    counted = [(line.code, line.units) for line in one.review.units.lines if line.units]
    return {
        "uuid": one.visit.chart.uuid,
        "name": adapter().display_name(patient),
        "ref": adapter().public_ref(patient),
        "day": one.visit.visit_date,
        "by": one.signature.signer_name,
        "signed_at": one.signature.signed_at,
        "timed": one.visit.timed_minutes,
        "total": one.visit.total_minutes,
        "codes": [*counted, *((code, 1) for code in one.review.untimed)],
        "billing": visit_queries.in_words(one.review),
        "lacks_notice": one.lacks_notice and access.may(request, "notice.view", patient),
    }

"""Financial notices of a patient: those on record, and one more."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Chart
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.visits import actions, forms, queries


@web.staff
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what the patient was told to pay; record a notice that was signed."""
    actor = of_request(request)
    is_sent = request.method == "POST"
    chart = access.fetch(request, actor, Chart, uuid, "notice.create" if is_sent else "notice.view")
    moment, patient = now(), chart.patient
    today = clinic_day(moment, chart.scope)
    form = forms.NoticeForm(request.POST if is_sent else None, today=today)
    if is_sent and form.is_valid():
        actions.record_notice(chart=chart, values=form.cleaned_data, actor=actor, now=moment)
        messages.success(request, _("Recorded. A later notice takes its place."), fail_silently=True)
        return redirect("rls:notices", chart.uuid)
    found = queries.notices(chart)
    opens = access.may(request, "chart.view", patient)
    context = {
        "chart": chart,
        "case": case_queries.latest_case(chart) if opens else None,
        "name": adapter().display_name(patient),
        "opens": opens,
        "may_bill": access.may(request, "billing.view", patient),
        "may_record": access.may(request, "notice.create", patient),
        "notices": found,
        "stands": queries.standing_notice(found, today),
        "form": form,
    }
    return web.page(request, "rls_module/visits/notices.html", context, status=422 if form.errors else 200)

"""Certification of a plan: what is on record, what is due, one more date."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.plans import actions, forms, queries


@web.staff
@require_http_methods(["GET", "POST"])
def certification(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the dates of a case's plan and what is due; add a date. No word of the plan itself."""
    actor = of_request(request)
    is_sent = request.method == "POST"
    case = access.fetch(request, actor, Case, uuid, "billing.edit" if is_sent else "billing.view")
    moment, plan, patient = now(), queries.running(case), case.chart.patient
    today = clinic_day(moment, case.chart.scope)
    form = forms.CertificationForm(request.POST if is_sent else None, today=today)
    if is_sent and form.is_valid():
        if plan is None:
            raise web.Conflict(_("No plan runs. A plan is signed first, and certified then."))
        actions.record_certification(plan=plan, values=form.cleaned_data, actor=actor, now=moment)
        messages.success(request, _("Recorded. A wrong date is put right by a later one."), fail_silently=True)
        return redirect("rls:certification", case.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(patient),
        "opens": access.may(request, "chart.view", patient),
        "may_edit": access.may(request, "billing.edit", patient),
        "plan": plan,
        "dates": queries.certification_dates(case),
        "due": queries.due_in_words(case, today=today),
        "form": form,
    }
    return web.page(request, "rls_module/plans/certification.html", context, status=422 if form.errors else 200)

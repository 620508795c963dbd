"""The home programme: what runs, what ended, and the handout for the patient."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.library import queries as library_queries
from rls_module.plans import actions, forms, queries
from rls_module.plans.models import Plan, Prescription


@web.staff
@require_http_methods(["GET", "POST"])
def programme(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the home programme and add to it."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "plan.view" if request.method == "GET" else "plan.edit")
    form = forms.PrescriptionForm(request.POST if request.method == "POST" else None, initial={"days_per_week": 5})
    if request.method == "POST" and form.is_valid():
        known = library_queries.exercises_by_name(case.chart.scope).get(form.cleaned_data["name"].casefold())
        on = clinic_day(now(), case.chart.scope)
        values = {**form.cleaned_data, "exercise": known}
        actions.prescribe(case=case, values=values, on=on, actor=actor, now=now())
        messages.success(request, _("Added to the home programme."), fail_silently=True)
        return redirect("rls:programme", case.uuid)
    language = (get_language() or "en").split("-")[0]
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "form": form,
        "running": [{"row": row, "dose": queries.dose_words(row)} for row in queries.programme(case)],
        "ended": queries.ended(case)[:20],
        "plan": queries.running(case) or queries.draft(case),
        "may_mail": access.may(request, "contact.create", case.chart.patient),
        "library": [library_queries.words(one.name, language) for one in library_queries.exercises(case.chart.scope)],
    }
    return web.page(request, "rls_module/plans/programme.html", context, status=422 if form.errors else 200)


@web.staff
@require_http_methods(["GET", "POST"])
def prescription_stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End one exercise, with the reason."""
    actor = of_request(request)
    right = "plan.view" if request.method == "GET" else "plan.edit"
    row = access.fetch(request, actor, Prescription, uuid, right)
    form = forms.StopForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        on = clinic_day(now(), row.chart.scope)
        try:
            actions.stop(
                prescription=row,
                seen=web.seen_version(request),
                reason=form.cleaned_data["reason"],
                on=on,
                actor=actor,
            )
        except Stale:
            raise web.Conflict(_("This exercise was changed in the meantime.")) from None
        return redirect("rls:programme", row.case.uuid)
    context = {
        "row": row,
        "dose": queries.dose_words(row),
        "case": row.case,
        "chart": row.chart,
        "name": adapter().display_name(row.chart.patient),
        "form": form,
    }
    return web.page(request, "rls_module/plans/stop.html", context, status=422 if form.errors else 200)


@web.staff
@require_safe
def handout(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the home programme for the patient to take along, in the patient's language, to print."""
    actor = of_request(request)
    plan = access.fetch(request, actor, Plan, uuid, "plan.view")
    language = adapter().language(plan.chart.patient).split("-")[0]
    with translation.override(language):
        context = {
            "name": adapter().display_name(plan.chart.patient),
            "brand": adapter().brand(plan.chart.scope),
            **queries.handout(plan.case, plan, language),
            "printed_on": clinic_day(now(), plan.chart.scope),
            "back_url": reverse("rls:programme", args=[plan.case.uuid]),
        }
        return web.page(request, "rls_module/plans/handout.html", context)

"""Scores of a form: which forms there are, and one form's numbers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.intake import actions, forms
from rls_module.intake.views import frame
from rls_module.library import queries as library_queries


@web.staff
@require_safe
def paper_forms(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Offer the forms whose numbers can be entered."""
    case = access.fetch(request, of_request(request), Case, uuid, "response.create")
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "instruments": library_queries.forms_on_paper(),
    }
    return web.page(request, "rls_module/intake/paper_forms.html", context)


@web.staff
@require_http_methods(["GET", "POST"])
def paper_form(request: HttpRequest, uuid: UUID, key: str) -> HttpResponse:
    """Take the numbers of one form that was filled in on paper: its items by number, none of its words."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "response.create")
    instrument = next((one for one in library_queries.forms_on_paper() if one.key == key), None)
    if instrument is None:
        raise web.NotFound(_("There is no such form."))
    moment = now()
    today = clinic_day(moment, case.chart.scope)
    form = forms.PaperForm(instrument, language=frame.language(), today=today, data=frame.sent(request))
    if request.method == "POST" and form.is_valid():
        actions.record_scores(
            case=case, instrument=instrument, answers=form.answers, **form.about.cleaned_data, actor=actor, now=moment
        )
        messages.success(request, _("Scores kept."), fail_silently=True)
        return redirect("rls:chart", case.chart.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "instrument": instrument,
        "form": form,
    }
    return web.page(request, "rls_module/intake/paper_form.html", context, status=frame.status(request))

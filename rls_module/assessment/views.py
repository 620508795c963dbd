"""Pages of the assessment room: what was found, and the next examination."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.assessment import actions, forms, queries
from rls_module.assessment.models import Assessment
from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.knowledge.vocabulary import fascial, loading

MOST_SHOWN = 10


@web.staff
@require_http_methods(["GET", "POST"])
def assessment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the examinations, newest first, and take the next; nothing is ever written over."""
    actor = of_request(request)
    right = "assessment.view" if request.method == "GET" else "assessment.edit"
    case = access.fetch(request, actor, Case, uuid, right)
    today, language = clinic_day(now(), case.chart.scope), _language()
    data = request.POST if request.method == "POST" else None
    form = forms.AssessmentForm(data, language=language, today=today, initial={"assessed_on": today})
    found = forms.finding_formset(data)
    if data is not None and all([form.is_valid(), found.is_valid()]) and _says_something(form, found):
        actions.assess(case=case, about=form.about(), found=found.rows, actor=actor, now=now())
        messages.success(request, _("Assessment kept. Red flags have their tasks."), fail_silently=True)
        return redirect("rls:assessment", case.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "form": form,
        "found": found,
        "muscles": loading.muscles(),
        "codes": fascial.default_points(),
        "assessments": [_shown(row, language) for row in queries.assessments(case)[:MOST_SHOWN]],
    }
    return web.page(request, "rls_module/assessment/assessment.html", context, status=422 if data is not None else 200)


def _says_something(form: forms.AssessmentForm, found: forms.FindingFormSet) -> bool:
    """One finding, or that there is none: an empty examination says neither."""
    if bool(found.rows) != form.cleaned_data["is_none_found"]:
        return True
    form.add_error("is_none_found", _("Enter at least one finding, or tick that nothing was found; not both."))
    return False


def _shown(row: Assessment, language: str) -> dict[str, Any]:
    flags = {one.key: one.spanish if language == "es" else one.english for one in loading.red_flags()}
    return {
        "row": row,
        "red_flags": [flags.get(key, key) for key in row.red_flags],
        "findings": [
            {"row": one, "place": queries.place_name(one.place_kind, one.place, language)}
            for one in queries.findings(row)
        ],
    }


def _language() -> str:
    return (get_language() or "en").split("-")[0]

"""The home programme: what runs, what ended, and the handout for the patient."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.knowledge.planning import education
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
        "running": [{"row": row, "dose": dose_words(row)} for row in queries.programme(case)],
        "ended": queries.ended(case)[:20],
        "plan": queries.running(case) or queries.draft(case),
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
        "dose": dose_words(row),
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
            "exercises": [_for_the_patient(row, language) for row in queries.programme(plan.case)],
            "topics": [
                {"name": one.named(language), "text": one.told(language)} for one in education.named(plan.topics)
            ],
            "printed_on": clinic_day(now(), plan.chart.scope),
            "back_url": reverse("rls:programme", args=[plan.case.uuid]),
        }
        return web.page(request, "rls_module/plans/handout.html", context)


def _for_the_patient(row: Prescription, language: str) -> dict[str, Any]:
    """Return an exercise in the patient's own language where the library has it, with what was said to this patient."""
    known = row.exercise
    return {
        "name": library_queries.words(known.name, language) if known else row.name,
        "dose": dose_words(row),
        "cues": library_queries.words(known.cues, language) if known else "",
        "own_cues": row.cues,
        "precautions": library_queries.words(known.precautions, language) if known else "",
    }


def dose_words(row: Prescription) -> str:
    """Say the dose of an exercise in one line, in the language that is active."""
    parts = [
        (row.sets, ngettext("%(count)d set", "%(count)d sets", row.sets or 0)),
        (row.reps, ngettext("%(count)d repetition", "%(count)d repetitions", row.reps or 0)),
        (row.hold_s, ngettext("hold %(count)d second", "hold %(count)d seconds", row.hold_s or 0)),
        (row.breaths, ngettext("%(count)d breath", "%(count)d breaths", row.breaths or 0)),
        (row.minutes, ngettext("%(count)d minute", "%(count)d minutes", row.minutes or 0)),
        (row.times_per_day, ngettext("%(count)d time a day", "%(count)d times a day", row.times_per_day or 0)),
        (row.days_per_week, ngettext("%(count)d day a week", "%(count)d days a week", row.days_per_week)),
    ]
    said = [words % {"count": count} for count, words in parts if count]
    side = {"L": _("left"), "R": _("right"), "B": _("both sides")}.get(row.side)
    return ", ".join([*([str(side)] if side else []), *said])

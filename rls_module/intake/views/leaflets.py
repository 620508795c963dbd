"""Leaflets for patients, to print: the same for everybody, offered in the patient's language."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.intake.views import frame
from rls_module.knowledge.papers import loading as papers


@web.staff
@require_safe
def leaflets(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show which leaflets there are, by their titles in the patient's language."""
    case = access.fetch(request, of_request(request), Case, uuid, "plan.view")
    language = papers.language_of(adapter().language(case.chart.patient))
    person = case.chart.patient
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(person),
        "language": language,
        "leaflets": papers.leaflets(language),
        "may_mail": access.may(request, "contact.create", person),
    }
    return web.page(request, "rls_module/intake/leaflets.html", context)


@web.staff
@require_http_methods(["GET", "POST"])
def leaflet(request: HttpRequest, uuid: UUID, key: str) -> HttpResponse:
    """Show one leaflet, in the patient's language unless another is asked for; record that it was handed over."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "contact.create" if request.method == "POST" else "plan.view")
    if key not in papers.LEAFLETS:
        raise web.NotFound
    language = frame.paper_language(request, adapter().language(case.chart.patient))
    if request.method == "POST":
        return _handed_over(request, case, f"leaflet {key} {language}", actor)
    with translation.override(language):
        found = papers.leaflet(key, language)
        context = {
            "leaflet": found,
            "citations": papers.citations(found.sources),
            "brand": adapter().brand(case.chart.scope),
            "languages": frame.paper_languages(language),
            "may_hand_over": access.may(request, "contact.create", case.chart.patient),
            "back_url": reverse("rls:leaflets", args=[case.uuid]),
        }
        return web.page(request, "rls_module/papers/leaflet.html", context)


def _handed_over(request: HttpRequest, case: Case, paper: str, actor: Actor) -> HttpResponse:
    case_actions.hand_over(chart=case.chart, kind="case", ref=case.uuid, paper=paper, actor=actor)
    messages.success(request, _("Recorded: the leaflet was handed over."), fail_silently=True)
    return redirect("rls:leaflets", case.uuid)

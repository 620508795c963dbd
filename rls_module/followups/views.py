"""Consent to forms by mail, closing a link that went out, and how the engine stands."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rls_module import conf
from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart
from rls_module.followups import actions, links, queries
from rls_module.followups.models import Occurrence
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import database_now, now
from rls_module.intake.forms import MAIL_CONSENT_TEXT

LATE_AFTER_S = 300


@web.staff
@require_POST
def mail_consent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that the patient agrees to forms by mail, or does not any more; then the links that went out close."""
    actor = of_request(request)
    verb = {"no": "consent.withdraw", "yes": "consent.create"}.get(request.POST.get("agrees", ""))
    if verb is None:
        raise web.NotFound
    chart = access.fetch(request, actor, Chart, uuid, verb)
    if verb == "consent.withdraw":
        actions.withdraw_consent(chart=chart, purpose="email", actor=actor, now=now())
    else:
        _agree(chart, actor)
    return redirect("rls:chart", chart.uuid)


def _agree(chart: Chart, actor: Actor) -> None:
    case_actions.give_consent(
        chart=chart, purpose="email", text_version=MAIL_CONSENT_TEXT, language=_language(), actor=actor, now=now()
    )


@web.staff
@require_POST
def intake_send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the intake ahead, or its link once more; say what is in the way where it can't go."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "intake.send")
    try:
        actions.send_intake(case=case, actor=actor, now=now())
    except actions.CannotAsk as refused:
        messages.error(request, _why_not(refused.why), fail_silently=True)
    else:
        messages.success(request, _("The intake is on its way."), fail_silently=True)
    return redirect("rls:chart", case.chart.uuid)


@web.staff
@require_POST
def papers_send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mail the patient a link to the leaflets that were ticked, or to the home programme; say what is in the way."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "contact.create")
    try:
        actions.send_papers(case=case, keys=request.POST.getlist("papers"), actor=actor, now=now())
    except actions.CannotAsk as refused:
        messages.error(request, _why_not(refused.why), fail_silently=True)
    else:
        messages.success(
            request,
            _("On its way, or tomorrow where a mail went out today: one mail with a link, nothing of it in the mail."),
            fail_silently=True,
        )
    is_programme = request.POST.get("back") == "programme"
    return redirect("rls:programme" if is_programme else "rls:leaflets", case.uuid)


def _why_not(why: str) -> str:
    return {
        "no_paper": _("Not sent: choose at least one."),
        "no_programme": _("Not sent: there is no home programme at the moment."),
        "case_closed": _("Not sent: the case is closed."),
        "inactive": _("Not sent: the patient is no longer with the clinic."),
        "opted_out": _("Not sent: the patient turned mail off."),
        "no_consent": _("Not sent: the patient has not agreed to mail."),
        "no_address": _("Not sent: there is no mail address."),
    }.get(why, _("Not sent: this clinic is not set up for mail yet."))


@web.staff
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say what closing the link of one form means, and close it."""
    actor = of_request(request)
    row = access.fetch(request, actor, Occurrence, uuid, "link.revoke")
    if request.method == "POST":
        actions.revoke_link(occurrence=row, actor=actor)
        messages.success(request, _("No link to this form that went out until now opens any more."), fail_silently=True)
        return redirect("rls:link", row.uuid)
    context = {
        "occurrence": row,
        "chart": row.chart,
        "name": adapter().display_name(row.chart.patient),
        "step": case_queries.step_name(row.step, _language()),
        "opens": access.may(request, "chart.view", row.chart.patient),
    }
    return web.page(request, "rls_module/followups/link.html", context)


def _language() -> str:
    return (get_language() or "en").split("-")[0]


@web.public
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Answer the engine's counts as JSON, 503 when it is late, to a bearer of STATUS_TOKEN or to staff who may."""
    if not (_is_bearer(request) or _is_staff(request)):
        return JsonResponse({"detail": "not found"}, status=404)
    found = queries.status(now(), database_now())
    is_late = found.last_tick_s is None or found.last_tick_s > LATE_AFTER_S
    return JsonResponse(asdict(found), status=503 if is_late else 200)


def _is_bearer(request: HttpRequest) -> bool:
    token = conf.get("STATUS_TOKEN")
    given = request.headers.get("Authorization", "")
    return bool(token) and links.same(given, f"Bearer {token}")


def _is_staff(request: HttpRequest) -> bool:
    return adapter().request_user(request) is not None and access.may(request, "status.view", None)

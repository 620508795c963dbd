"""Referrals: the red flags that wait, who was sent where, what came of it, and the letters that go with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.intake import actions, forms, queries
from rls_module.intake.models import Referral
from rls_module.intake.views import frame


@web.staff
@require_http_methods(["GET", "POST"])
def referrals(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the referrals of a case and write one more; what waits for an answer is ticked."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, _right(request))
    language, today = frame.language(), clinic_day(now(), case.chart.scope)
    waiting = queries.waiting(case.chart, language)
    standing = [task.params.get("flag", "") for task, _words in waiting]
    form = forms.ReferralForm(frame.sent(request), standing=standing, language=language, today=today)
    if request.method == "POST" and form.is_valid():
        return _refer(request, case, form.cleaned_data, actor)
    context = {
        **_about(case),
        "form": form,
        "waiting": waiting,
        "referrals": [_shown(row, language) for row in queries.referrals(case)],
        "is_for_discussion": bool(queries.for_the_prescriber(case.chart, language)),
    }
    return web.page(request, "rls_module/intake/referrals.html", context, status=frame.status(request))


@web.staff
@require_http_methods(["GET", "POST"])
def referral(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one referral, and write down what came of it."""
    actor = of_request(request)
    row = access.fetch(request, actor, Referral, uuid, _right(request))
    form = forms.OutcomeForm(frame.sent(request), today=clinic_day(now(), row.chart.scope))
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_referral(referral=row, values=form.cleaned_data, actor=actor, now=now())
        except Stale:
            raise web.Conflict(_("Somebody has written down what came of it just now. Open it again.")) from None
        messages.success(request, _("Written down."), fail_silently=True)
        return redirect("rls:referrals", row.case.uuid)
    context = {**_about(row.case), "one": _shown(row, frame.language()), "form": form}
    return web.page(request, "rls_module/intake/referral.html", context, status=frame.status(request))


def _right(request: HttpRequest) -> str:
    return "intake.edit" if request.method == "POST" else "intake.view"


def _refer(request: HttpRequest, case: Case, values: dict[str, Any], actor: Actor) -> HttpResponse:
    if values["red_flags"]:  # answering one closes its task
        access.permit(request, actor, case, "task.close")
    try:
        row = actions.refer(case=case, values=values, actor=actor, now=now())
    except Stale:
        raise web.Conflict(_("Somebody is dealing with one of these red flags. Open the page again.")) from None
    messages.success(request, _("Written down. The letter can be printed."), fail_silently=True)
    return redirect("rls:referral", row.uuid)


def _about(case: Case) -> dict[str, Any]:
    return {"case": case, "chart": case.chart, "name": adapter().display_name(case.chart.patient)}


def _shown(row: Referral, language: str) -> dict[str, Any]:
    outcomes = queries.outcomes(row)
    return {
        "row": row,
        "flags": queries.red_flag_words(row.red_flags, language),
        "outcomes": outcomes,
        "is_in_error": queries.is_in_error(row),
    }

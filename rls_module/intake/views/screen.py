"""The short screen, its result and what follows from it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Chart
from rls_module.host import adapter, transaction, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.intake import actions, forms
from rls_module.intake.models import Screen
from rls_module.intake.views import frame
from rls_module.knowledge.safety import screening


@web.staff
@require_http_methods(["GET", "POST"])
def screen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask the five questions; one of them answered no is enough, and saves itself as "not RLS"."""
    actor = of_request(request)
    chart = access.fetch(request, actor, Chart, uuid, "screen.create")
    if request.POST.get("do") == "known":
        with transaction.atomic():
            return _open_case(request, actor, actions.record_known(chart=chart, actor=actor, now=now()))
    whole = forms.WholeForm(actions.SCREEN, language=frame.language(), data=frame.sent(request))
    if request.method == "POST" and whole.is_valid():
        with transaction.atomic():
            found = actions.record_screen(
                chart=chart, answers=whole.answers, language=frame.language(), actor=actor, now=now()
            )
            return _after_screen(request, actor, found, whole.answers)
    context = {
        "chart": chart,
        "name": adapter().display_name(chart.patient),
        "form": whole.form,
        "words": whole.words,
        "open_case": case_queries.open_case(chart),
    }
    return web.page(request, "rls_module/intake/screen.html", context, status=frame.status(request))


def _after_screen(request: HttpRequest, actor: Actor, found: Screen, answers: dict[str, object]) -> HttpResponse:
    """A plain no and a plain yes need no second page."""
    if answers.get("s1_urge") == "no":
        on = clinic_day(now(), found.chart.scope)
        actions.decide(screen=found, decision=Screen.Decision.NOT_RLS, actor=actor, now=now(), on=on)
        messages.success(request, _("Saved: the pattern does not fit."), fail_silently=True)
        return redirect("rls:chart", found.chart.uuid)
    if request.POST.get("do") == "open" and found.result == Screen.Result.FITS:
        return _open_case(request, actor, found)
    return redirect("rls:screen_result", found.uuid)


def _open_case(request: HttpRequest, actor: Actor, found: Screen, note: str = "") -> HttpResponse:
    if not access.may(request, "case.open", found.chart.patient):
        raise web.Forbidden
    moment = now()
    try:
        case = actions.decide(
            screen=found,
            decision=Screen.Decision.OPEN_CASE,
            actor=actor,
            now=moment,
            on=clinic_day(moment, found.chart.scope),
            note=note,
        )
    except (case_actions.CaseAlreadyOpen, actions.AlreadyDecided):
        messages.info(request, _("A case is open already; nothing was doubled."), fail_silently=True)
        return redirect("rls:chart", found.chart.uuid)
    assert case is not None  # noqa: S101  decide() returns the case it opened
    messages.success(request, _("Case opened. Take the baseline before the first treatment."), fail_silently=True)
    return redirect("rls:baseline", case.uuid)


@web.staff
@require_http_methods(["GET", "POST"])
def screen_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what the screen says, in words for staff, and take the decision."""
    actor = of_request(request)
    right = "chart.view" if request.method == "GET" else "screen.create"
    found = access.fetch(request, actor, Screen, uuid, right)
    form = forms.DecisionForm(frame.sent(request), result=found.result)
    if request.method == "POST" and form.is_valid():
        decision, note = form.cleaned_data["decision"], form.cleaned_data["note"]
        if decision == Screen.Decision.OPEN_CASE:
            return _open_case(request, actor, found, note)
        try:
            on = clinic_day(now(), found.chart.scope)
            actions.decide(screen=found, decision=decision, note=note, actor=actor, now=now(), on=on)
        except actions.AlreadyDecided:
            raise web.Conflict(_("This screen has its decision already.")) from None
        return redirect("rls:chart", found.chart.uuid)
    words = screening.WORDS.get(frame.language(), screening.WORDS["en"])
    context = {
        "screen": found,
        "chart": found.chart,
        "name": adapter().display_name(found.chart.patient),
        "sentence": words.get(found.result, ""),  # type: ignore[call-overload]
        "form": form,
    }
    return web.page(request, "rls_module/intake/screen_result.html", context, status=frame.status(request))

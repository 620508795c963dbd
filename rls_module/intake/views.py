"""Pages of the intake room: the way in from the host, the screen and its result, the baseline."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Case, Chart
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.intake import actions, forms
from rls_module.intake.models import Screen
from rls_module.knowledge.safety import screening

MAIL_CONSENT_TEXT = "1"  # the version of ConsentForm's words


@web.staff
@require_http_methods(["GET", "POST"])
def patient(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from the host's patient to the chart; where there is none yet, offer to begin one."""
    actor = of_request(request)
    person = access.patient(request, actor, key, "chart.view")
    chart = case_queries.chart_of_patient(person)
    if request.method == "POST":
        access.patient(request, actor, key, "screen.create")
        chart = chart or case_actions.open_chart(patient=person, actor=actor, now=now())
        return redirect("rls:screen", chart.uuid)
    if chart is not None:
        return redirect("rls:chart", chart.uuid)
    return web.page(request, "rls_module/intake/no_chart.html", {"name": adapter().display_name(person)})


@web.staff
@require_http_methods(["GET", "POST"])
def screen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask the five questions; one of them answered no is enough, and saves itself as "not RLS"."""
    actor = of_request(request)
    chart = access.fetch(request, actor, Chart, uuid, "screen.create")
    if request.POST.get("do") == "known":
        with transaction.atomic():
            return _open_case(request, actor, actions.record_known(chart=chart, actor=actor, now=now()))
    whole = forms.WholeForm(actions.SCREEN, language=_language(), data=_sent(request))
    if request.method == "POST" and whole.is_valid():
        with transaction.atomic():
            found = actions.record_screen(
                chart=chart, answers=whole.answers, language=_language(), actor=actor, now=now()
            )
            return _after_screen(request, actor, found, whole.answers)
    context = {
        "chart": chart,
        "name": adapter().display_name(chart.patient),
        "form": whole.form,
        "words": whole.words,
        "open_case": case_queries.open_case(chart),
    }
    return web.page(request, "rls_module/intake/screen.html", context, status=_status(request))


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
    found = access.fetch(request, actor, Screen, uuid, "screen.create")
    form = forms.DecisionForm(_sent(request), result=found.result)
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
    words = screening.WORDS.get(_language(), screening.WORDS["en"])
    context = {
        "screen": found,
        "chart": found.chart,
        "name": adapter().display_name(found.chart.patient),
        "sentence": words.get(found.result, ""),  # type: ignore[call-overload]
        "form": form,
    }
    return web.page(request, "rls_module/intake/screen_result.html", context, status=_status(request))


@web.staff
@require_http_methods(["GET", "POST"])
def baseline(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the baseline in the room: the check-in's questions, what the patient names, and consent to mail."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "response.create")
    data = _sent(request)
    whole = forms.WholeForm(actions.CHECKIN, language=_language(), data=data)
    activities = forms.activity_forms(data)
    consent = forms.ConsentForm(data)
    checks = (
        [whole.is_valid(), *(form.is_valid() for form in activities), consent.is_valid()]
        if data is not None
        else [False]
    )
    if all(checks):
        named = [form.cleaned_data for form in activities if form.cleaned_data["text"]]
        with transaction.atomic():
            actions.record_baseline(
                case=case,
                answers=whole.answers,
                activities=[values["text"] for values in named],
                scores=[values["score"] for values in named],
                language=_language(),
                actor=actor,
                now=now(),
            )
            if consent.cleaned_data["agrees"] == "yes":
                _agree(case.chart, actor)
        messages.success(request, _("Baseline saved."), fail_silently=True)
        return redirect("rls:chart", case.chart.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "form": whole.form,
        "words": whole.words,
        "activities": activities,
        "consent": None if case_queries.consents_to(case.chart, "email") else consent,
    }
    return web.page(request, "rls_module/intake/baseline.html", context, status=_status(request))


@web.staff
@require_POST
def mail_consent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that the patient agrees to forms by mail, or does not any more."""
    actor = of_request(request)
    verb = {"no": "consent.withdraw", "yes": "consent.create"}.get(request.POST.get("agrees", ""))
    if verb is None:
        raise web.NotFound
    chart = access.fetch(request, actor, Chart, uuid, verb)
    if verb == "consent.withdraw":
        case_actions.withdraw_consent(chart=chart, purpose="email", actor=actor, now=now())
    else:
        _agree(chart, actor)
    return redirect("rls:chart", chart.uuid)


def _agree(chart: Chart, actor: Actor) -> None:
    case_actions.give_consent(
        chart=chart, purpose="email", text_version=MAIL_CONSENT_TEXT, language=_language(), actor=actor, now=now()
    )


def _sent(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, empty or not; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


def _language() -> str:
    return (get_language() or "en").split("-")[0]

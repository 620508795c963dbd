"""The baseline, with consent to mail."""

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
from rls_module.cases.models import Case, Chart
from rls_module.host import adapter, transaction, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import now
from rls_module.intake import actions, forms, queries
from rls_module.intake.views import frame


@web.staff
@require_http_methods(["GET", "POST"])
def baseline(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the baseline in the room: the check-in's questions, what the patient names, and consent to mail."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "response.create")
    data = frame.sent(request)
    told = queries.told_ahead(case) if data is None else {}
    whole = forms.WholeForm(actions.CHECKIN, language=frame.language(), data=data, initial=told)
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
                language=frame.language(),
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
        "is_told_ahead": bool(told),
        "activities": activities,
        "consent": None if case_queries.consents_to(case.chart, "email") else consent,
    }
    return web.page(request, "rls_module/intake/baseline.html", context, status=frame.status(request))


def _agree(chart: Chart, actor: Actor) -> None:
    case_actions.give_consent(
        chart=chart,
        purpose="email",
        text_version=forms.MAIL_CONSENT_TEXT,
        language=frame.language(),
        actor=actor,
        now=now(),
    )

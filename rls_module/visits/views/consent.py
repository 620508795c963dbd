"""Consent to dry needling: what the patient is told, that it was agreed to, and until when it counts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Chart
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.knowledge.safety import needling_consent as words
from rls_module.library import queries as library_queries

MONTHS = 12


class NeedlingConsentForm(forms.Form):
    """How the patient agreed, in which language the words were read, and what was asked."""

    method = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[("signed", gettext_lazy("signed on paper")), ("verbal", gettext_lazy("said so"))],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Read in"),
        choices=[("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=gettext_lazy("Asked or agreed besides"), required=False, max_length=400)


@web.staff
@require_http_methods(["GET", "POST"])
def needling_consent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the words and what stands; record that the patient agrees, or does not any more."""
    actor = of_request(request)
    wanted = request.POST.get("do", "")
    right = "consent.view" if request.method == "GET" else f"consent.{'withdraw' if wanted == 'withdraw' else 'create'}"
    chart = access.fetch(request, actor, Chart, uuid, right)
    form = NeedlingConsentForm(request.POST if wanted == "agree" else None, initial={"language": _language_of(chart)})
    if wanted == "withdraw":
        case_actions.withdraw_consent(chart=chart, purpose="needling", actor=actor, now=now())
        return redirect("rls:needling_consent", chart.uuid)
    if wanted == "agree" and form.is_valid():
        _agree(chart, form, actor)
        messages.success(request, _("Consent to needling recorded."), fail_silently=True)
        return redirect("rls:chart", chart.uuid)
    today = clinic_day(now(), chart.scope)
    context = {
        "chart": chart,
        "case": case_queries.latest_case(chart),
        "name": adapter().display_name(chart.patient),
        "texts": [(code, words.text(code)) for code in _languages_of(chart)],
        "form": form,
        "stands": case_queries.consent(chart, "needling", on=today),
        "host_says": adapter().consent(chart.patient, "needling"),
    }
    return web.page(request, "rls_module/visits/consent.html", context, status=422 if form.errors else 200)


def _agree(chart: Chart, form: NeedlingConsentForm, actor: Actor) -> None:
    moment = now()
    months = library_queries.policy(chart.scope).needling_consent_months
    case_actions.give_consent(
        chart=chart,
        purpose="needling",
        text_version=words.VERSION,
        language=form.cleaned_data["language"],
        method=form.cleaned_data["method"],
        note=form.cleaned_data["note"],
        expires_on=_later(clinic_day(moment, chart.scope), months),
        actor=actor,
        now=moment,
    )


def _later(day: date, months: int) -> date:
    """Return the day so many months later; a day that month does not have becomes its 28th."""
    years, month = divmod(day.month - 1 + months, MONTHS)
    return day.replace(year=day.year + years, month=month + 1, day=min(day.day, 28))


def _language_of(chart: Chart) -> str:
    language = adapter().language(chart.patient).split("-")[0]
    return language if language in words.TEXTS else "en"


def _languages_of(chart: Chart) -> list[str]:
    """The patient's language first, then the others."""
    first = _language_of(chart)
    return [first, *(code for code in words.TEXTS if code != first)]

"""Iron: one panel after the other, each with its flag."""

from __future__ import annotations

from datetime import date
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
from rls_module.intake.forms.labs import LABELS
from rls_module.intake.models import LabPanel
from rls_module.intake.views import frame
from rls_module.knowledge.safety import iron


@web.staff
@require_http_methods(["GET", "POST"])
def labs(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the iron panels of a patient, newest first, and take another one."""
    actor = of_request(request)
    right = "lab.view" if request.method == "GET" else "lab.edit"
    case = access.fetch(request, actor, Case, uuid, right)
    today = clinic_day(now(), case.chart.scope)
    form = forms.LabForm(frame.sent(request), today=today, born=frame.born(case.chart.patient, today))
    if request.method == "POST" and form.is_valid():
        _keep(request, case, form, today, actor)
        return redirect("rls:labs", case.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "form": form,
        "panels": [_shown(panel, today) for panel in queries.panels(case.chart)[:20]],
    }
    return web.page(request, "rls_module/intake/labs.html", context, status=frame.status(request))


def _keep(request: HttpRequest, case: Case, form: forms.LabForm, today: date, actor: Actor) -> None:
    actions.record_labs(
        case=case,
        entered=form.entered(),
        about=form.about(),
        age=frame.age_on(case.chart.patient, form.cleaned_data["collected_on"]),
        today=today,
        actor=actor,
        now=now(),
    )
    messages.success(request, _("Iron panel kept."), fail_silently=True)


def _shown(panel: LabPanel, today: date) -> dict[str, object]:
    language = frame.language()
    modifiers = [*panel.modifiers, *(["stale"] if iron.is_stale(panel.collected_on, today) else [])]
    return {
        "row": panel,
        "flag": iron.words(iron.FLAG_WORDS, panel.flag, language),
        "kind": "safe" if panel.flag == "ABOVE_THRESHOLD" and not modifiers else "watch",
        "modifiers": [iron.words(iron.MODIFIER_WORDS, one, language) for one in modifiers],
        "values": [
            (label, panel.entered[analyte]["value"], panel.entered[analyte]["unit"], panel.canonical[analyte])
            for analyte, label in LABELS.items()
            if analyte in panel.entered
        ],
    }


@web.staff
@require_http_methods(["GET", "POST"])
def lab_void(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mark a panel as entered in error, with the reason; it stays to be read."""
    actor = of_request(request)
    panel = access.fetch(request, actor, LabPanel, uuid, "lab.edit")
    form = forms.VoidForm(frame.sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.void_labs(panel=panel, reason=form.cleaned_data["reason"], actor=actor, now=now())
        except Stale:
            raise web.Conflict(_("This panel is marked already.")) from None
        return redirect("rls:labs", panel.case.uuid) if panel.case else redirect("rls:chart", panel.chart.uuid)
    context = {
        "panel": _shown(panel, clinic_day(now(), panel.chart.scope)),
        "chart": panel.chart,
        "case": panel.case,
        "name": adapter().display_name(panel.chart.patient),
        "form": form,
    }
    return web.page(request, "rls_module/intake/lab_void.html", context, status=frame.status(request))

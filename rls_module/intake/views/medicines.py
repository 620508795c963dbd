"""Medicines and iron: what is taken and was taken, as told."""

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
from rls_module.host.actor import of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.intake import actions, forms, queries
from rls_module.intake.models import Medication
from rls_module.intake.views import frame
from rls_module.knowledge.safety import augmentation
from rls_module.knowledge.vocabulary import loading


@web.staff
@require_http_methods(["GET", "POST"])
def medications(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what the patient takes and took, and write down one more."""
    actor = of_request(request)
    right = "medication.view" if request.method == "GET" else "medication.edit"
    case = access.fetch(request, actor, Case, uuid, right)
    language, today = frame.language(), clinic_day(now(), case.chart.scope)
    form = forms.MedicineForm(frame.sent(request), language=language, today=today)
    if request.method == "POST" and form.is_valid():
        actions.record_medicine(case=case, values=form.cleaned_data, actor=actor, now=now())
        messages.success(request, _("Written down."), fail_silently=True)
        return redirect("rls:medications", case.uuid)
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "form": form,
        "known": loading.medicines(),
        "can_augment": queries.has_augmenting(case.chart),
        "screened": _screened(case, language),
        "medicines": [
            {"row": row, "alerts": queries.medicine_alerts(row, language)} for row in queries.medicines(case.chart)
        ],
    }
    return web.page(request, "rls_module/intake/medications.html", context, status=frame.status(request))


def _screened(case: Case, language: str) -> dict[str, Any] | None:
    row = queries.augmentation_screens(case).first()
    if row is None:
        return None
    kind = {"pattern": "act", "possible": "watch"}.get(row.result, "")
    return {"row": row, "kind": kind, "words": augmentation.words(row.result, language)}


@web.staff
@require_http_methods(["GET", "POST"])
def medication(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct or end one medicine; what a colleague changed meanwhile is shown beside what was typed."""
    actor = of_request(request)
    right = "medication.view" if request.method == "GET" else "medication.edit"
    row = access.fetch(request, actor, Medication, uuid, right)
    language, today = frame.language(), clinic_day(now(), row.chart.scope)
    form = forms.MedicineForm.of(row, frame.sent(request), language=language, today=today)
    status, theirs = frame.status(request), None
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_medicine(medicine=row, seen=web.seen_version(request), values=form.cleaned_data, actor=actor)
        except Stale:
            row.refresh_from_db()
            status, theirs = 409, row
        else:
            return redirect("rls:medications", row.case.uuid) if row.case else redirect("rls:chart", row.chart.uuid)
    context = {
        "row": row,
        "chart": row.chart,
        "case": row.case,
        "name": adapter().display_name(row.chart.patient),
        "form": form,
        "theirs": theirs,
        "known": loading.medicines(),
    }
    return web.page(request, "rls_module/intake/medication.html", context, status=status)

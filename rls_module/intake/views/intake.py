"""The intake in the room: a list of sections, each a page of its own, and what was submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.intake import actions, forms, queries
from rls_module.intake.models import Intake
from rls_module.intake.views import frame

SECTIONS: Mapping[str, Any] = {
    "why": gettext_lazy("Why the patient comes"),
    "pattern": gettext_lazy("The pattern"),
    "feel": gettext_lazy("How it feels and where"),
    "now": gettext_lazy("How it is now"),
    "sleep": gettext_lazy("Sleep"),
    "long": gettext_lazy("How long and how much"),
    "family": gettext_lazy("Family, childhood, feet"),
    "health": gettext_lazy("Health"),
    "medicines": gettext_lazy("Medicines"),
    "tried": gettext_lazy("What was tried"),
    "safety": gettext_lazy("Safety"),
}


@web.staff
@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show how far the intake is; begin one, or submit it."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "intake.view" if request.method == "GET" else "intake.edit")
    wanted = request.POST.get("do", "")
    if wanted == "begin":
        actions.begin_intake(case=case, language=frame.language(), actor=actor, now=now())
        return redirect("rls:intake", case.uuid)
    draft = queries.draft_intake(case)
    if wanted == "submit" and draft is not None:
        return _submit(request, case, draft, actor)
    if wanted == "take" and draft is not None:
        return _take_up(request, case, draft, actor)
    return _list_page(request, case, draft)


def _take_up(request: HttpRequest, case: Case, draft: Intake, actor: Actor) -> HttpResponse:
    try:
        actions.take_up(intake=draft, seen=web.seen_version(request), actor=actor)
    except Stale:
        raise web.Conflict(_("This intake was changed in the meantime. Open it again to see how it stands.")) from None
    return redirect("rls:intake", case.uuid)


def _submit(request: HttpRequest, case: Case, draft: Intake, actor: Actor) -> HttpResponse:
    try:
        actions.submit_intake(intake=draft, seen=web.seen_version(request), actor=actor, now=now())
    except actions.NotComplete:
        draft.refresh_from_db()
        return _list_page(request, case, draft, is_refused=True)
    except Stale:
        raise web.Conflict(_("This intake was changed in the meantime. Open it again to see how it stands.")) from None
    messages.success(request, _("Intake complete. What needs somebody stands in the worklist."), fail_silently=True)
    return redirect("rls:intake", case.uuid)


def _list_page(request: HttpRequest, case: Case, draft: Intake | None, *, is_refused: bool = False) -> HttpResponse:
    latest = queries.latest_intake(case)
    states = queries.sections(draft) if draft else []
    reviewed = draft or latest
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "draft": draft,
        "sections": [{"state": state, "label": SECTIONS[state.key]} for state in states],
        "lacking": [
            {"target": f"section-{one.key}", "text": SECTIONS[one.key]}
            for one in states
            if one.lacking or one.awaits_review
        ]
        if is_refused
        else [],
        "latest": latest,
        "unreviewed": queries.unreviewed(case),
        "sent": reviewed.sent if reviewed else None,
        "differences": queries.differences(reviewed, frame.language()) if reviewed else [],
        "has_baseline": queries.has_baseline(case),
        "review": queries.latest_review(case),
    }
    return web.page(request, "rls_module/intake/intake.html", context, status=422 if is_refused else 200)


@web.staff
@require_http_methods(["GET", "POST"])
def intake_section(request: HttpRequest, uuid: UUID, section: str) -> HttpResponse:
    """Ask one section, or review what the patient answered; saving it keeps what was typed, complete or not."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "intake.view" if request.method == "GET" else "intake.edit")
    draft = queries.draft_intake(case)
    if draft is None or section not in [one.key for one in queries.sections(draft)]:
        raise web.NotFound
    age = frame.age_on(case.chart.patient, clinic_day(now(), case.chart.scope))
    sheet = forms.SectionForm(draft, section, language=frame.language(), data=frame.sent(request), age=age)
    if request.method == "GET":
        return _section_page(request, case, sheet)
    if not sheet.is_valid() or sheet.undecided():
        return _answer(request, case, sheet, status=422)
    wanted = request.POST.get("do")
    is_confirming = wanted == "next" or (wanted == "leave" and draft.sent is None)
    unconfirmed = sheet.unconfirmed() if draft.sent and is_confirming else []
    try:
        actions.save_section(
            intake=draft,
            seen=_seen(request, sheet),
            section=section,
            answers=sheet.answers,
            actor=actor,
            is_reviewed=is_confirming and not unconfirmed,
        )
    except Stale:
        draft.refresh_from_db()
        return _answer(request, case, sheet, status=409)
    if unconfirmed or wanted == "keep":
        return _answer(request, case, sheet, unconfirmed=unconfirmed, status=422 if unconfirmed else 200)
    return _next(request, case, sheet)


def _seen(request: HttpRequest, sheet: forms.SectionForm) -> int:
    """Return the version that the page was made from.

    One since which only another section was changed is no other; nor is one that holds just what was typed.
    """
    is_same = request.POST.get("mark", "") == sheet.mark or not sheet.clashes()
    return sheet.intake.version if is_same else web.seen_version(request)


def _answer(
    request: HttpRequest,
    case: Case,
    sheet: forms.SectionForm,
    *,
    unconfirmed: Sequence[Any] = (),
    status: int,
) -> HttpResponse:
    """Show the page again, or tell the script that keeps it how that went."""
    if request.POST.get("do") == "keep":
        return JsonResponse({"version": sheet.intake.version, "mark": sheet.mark}, status=status)
    return _section_page(request, case, sheet, unconfirmed=unconfirmed, status=status)


def _section_page(
    request: HttpRequest,
    case: Case,
    sheet: forms.SectionForm,
    *,
    unconfirmed: Sequence[Any] = (),
    status: int = 200,
) -> HttpResponse:
    draft = sheet.intake
    is_clash = status == 409 or bool(sheet.undecided())  # noqa: PLR2004
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "label": SECTIONS[sheet.section],
        "form": sheet.form,
        "lines_reviewed": sheet.reviewed() if draft.sent else [],
        "conflicts": sheet.conflicts,
        "unconfirmed": unconfirmed,
        "sent": draft.sent,
        "version": draft.version,
        "mark": sheet.mark,
        "clashes": sheet.clashes() if is_clash else [],
        "is_clash": is_clash,
        "undecided": sheet.undecided(),
    }
    return web.page(request, "rls_module/intake/section.html", context, status=status)


def _next(request: HttpRequest, case: Case, sheet: forms.SectionForm) -> HttpResponse:
    keys = [one.key for one in queries.sections(sheet.intake)]
    place = keys.index(sheet.section) + 1
    if request.POST.get("do") == "next" and place < len(keys):
        return redirect("rls:intake_section", case.uuid, keys[place])
    return redirect("rls:intake", case.uuid)

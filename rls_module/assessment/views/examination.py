"""What was found, and the next examination."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.assessment import actions, forms, queries
from rls_module.assessment.models import Assessment, ExamResult, Finding
from rls_module.assessment.views import body_chart
from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.knowledge.vocabulary import loading, places

MOST_SHOWN = 10
KEEP, DRAFT, DISCARD = "keep", "draft", "discard"


@web.staff
@require_http_methods(["GET", "POST"])
def assessment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the examinations, newest first, and take the next; nothing is ever written over."""
    actor = of_request(request)
    right = "assessment.view" if request.method == "GET" else "assessment.edit"
    case = access.fetch(request, actor, Case, uuid, right)
    sheet = _sheet(case, actor, request.POST if request.method == "POST" else None)
    if request.method == "GET":
        return _page(request, case, sheet)
    wanted = request.POST.get("do", "")
    if wanted in (forms.MORE_FINDINGS, forms.MORE_COMPLAINTS):
        return _page(request, case, sheet.unjudged(wanted))
    door = {KEEP: _keep_draft, DRAFT: _keep_draft, DISCARD: _discard_draft}.get(wanted, _examine)
    try:
        return door(request, case, sheet, actor)
    except Stale:
        return _stale(request, case, actor)


def _examine(request: HttpRequest, case: Case, sheet: forms.Sheet, actor: Actor) -> HttpResponse:
    if sheet.undecided or not sheet.is_valid():
        return _page(request, case, sheet, status=422)
    actions.assess(
        case=case,
        about=sheet.form.about(),
        found=sheet.found.rows,
        complaints=sheet.complaints.rows,
        results=sheet.tests.rows,
        seen=_seen(request, sheet),
        actor=actor,
        now=now(),
    )
    messages.success(request, _("Assessment kept. Red flags have their tasks."), fail_silently=True)
    return redirect("rls:assessment", case.uuid)


def _keep_draft(request: HttpRequest, case: Case, sheet: forms.Sheet, actor: Actor) -> HttpResponse:
    """Keep what is typed as it is, complete or not; the script that asks for it is told the new version."""
    is_script = request.POST.get("do") == KEEP
    if sheet.undecided or sheet.is_too_long:
        return JsonResponse({}, status=422) if is_script else _page(request, case, sheet, status=422)
    draft = actions.keep_draft(case=case, typed=sheet.typed, seen=_seen(request, sheet), actor=actor, now=now())
    if is_script:
        return JsonResponse({"version": draft.version})
    messages.success(request, _("Draft kept. Nobody else sees it yet."), fail_silently=True)
    return redirect("rls:assessment", case.uuid)


def _discard_draft(request: HttpRequest, case: Case, _sheet: forms.Sheet, actor: Actor) -> HttpResponse:
    try:
        actions.discard_draft(case=case, seen=web.seen_version(request), actor=actor)
    except Stale:
        raise web.Conflict from None
    messages.success(request, _("Draft discarded."), fail_silently=True)
    return redirect("rls:assessment", case.uuid)


def _stale(request: HttpRequest, case: Case, actor: Actor) -> HttpResponse:
    """Show what was typed beside what another window has kept meanwhile; nothing is lost."""
    if request.POST.get("do") == KEEP:
        return JsonResponse({}, status=409)
    return _page(request, case, _sheet(case, actor, request.POST), status=409)


def _sheet(case: Case, actor: Actor, data: QueryDict | None) -> forms.Sheet:
    today = clinic_day(now(), case.chart.scope)
    latest, draft = queries.latest(case), queries.draft(case, actor)
    return forms.Sheet(data, language=_language(), today=today, latest=latest, draft=draft)


def _seen(request: HttpRequest, sheet: forms.Sheet) -> int:
    """Return the version of the draft that the page was made from; one that holds just what was typed is no other."""
    if request.method == "GET" or (sheet.draft is not None and sheet.draft.typed == sheet.typed):
        return sheet.version
    return web.seen_version(request)


def _page(request: HttpRequest, case: Case, sheet: forms.Sheet, *, status: int = 200) -> HttpResponse:
    language, kept = _language(), list(queries.assessments(case)[:MOST_SHOWN])
    last = queries.findings(kept[0]) if kept else []
    is_stale = status == 409  # noqa: PLR2004
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(case.chart.patient),
        "sheet": sheet,
        "figures": body_chart.drawn((), last, language),
        "legend": body_chart.legend(),
        "assessments": [_shown(row, language) for row in kept],
        "version": sheet.version if is_stale else _seen(request, sheet),
        "is_stale": is_stale,
        "clashes": sheet.clashes() if is_stale or sheet.undecided else [],
    }
    return web.page(request, "rls_module/assessment/assessment.html", context, status=status)


def _shown(row: Assessment, language: str) -> dict[str, Any]:
    flags = {one.key: one.spanish if language == "es" else one.english for one in loading.red_flags()}
    patterns = {one.key: one.label for one in loading.body_tests().patterns}
    return {
        "row": row,
        "red_flags": [flags.get(key, key) for key in row.red_flags],
        "patterns": [patterns.get(key, key) for key in row.patterns],
        "findings": [
            {
                "row": one,
                "place": places.in_words(one.place_kind, one.place, language),
                "signs": ", ".join(str(Finding.Sign(sign).label) for sign in one.signs),
            }
            for one in queries.findings(row)
        ],
        "complaints": [
            {"row": one, "place": places.in_words(one.place_kind, one.place, language)}
            for one in queries.complaints(row)
        ],
        "results": _results(queries.results(row), language),
    }


def _results(rows: list[ExamResult], language: str) -> list[tuple[str, str]]:
    """Return each test once with what was found at it: "Hip, flexion", "L 110°, R 120°"."""
    options = {one.key: one.spanish if language == "es" else one.english for one in loading.body_tests().options}
    said: dict[str, list[str]] = {}
    for row in rows:
        test = loading.body_test(row.test)
        words = f"{row.side} {forms.result_words(row, options)}".strip()
        said.setdefault(test.spanish if language == "es" else test.english, []).append(
            f"{words} {_('after')}" if row.stage else words
        )
    return [(name, ", ".join(answers)) for name, answers in said.items()]


def _language() -> str:
    return (get_language() or "en").split("-")[0]

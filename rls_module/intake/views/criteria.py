"""The criteria: judged by a clinician, with every earlier judgement beneath."""

from __future__ import annotations

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
from rls_module.intake import actions, forms, queries
from rls_module.intake.forms.criteria import KEYS, initial_of
from rls_module.intake.models import CriteriaReview
from rls_module.intake.views import frame
from rls_module.knowledge.safety import course
from rls_module.knowledge.safety import criteria as rule
from rls_module.knowledge.vocabulary import loading


@web.staff
@require_http_methods(["GET", "POST"])
def criteria(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show how the criteria stand, and take the next judgement; nothing is ever written over."""
    actor = of_request(request)
    right = "intake.view" if request.method == "GET" else "intake.edit"
    case = access.fetch(request, actor, Case, uuid, right)
    language, person = frame.language(), case.chart.patient
    reviews = list(queries.reviews(case)[:20])
    screen = None if reviews else queries.latest_screen(case.chart)
    latest = reviews[0] if reviews else None
    intake, moment = queries.latest_intake(case), now()
    age = frame.age_on(person, clinic_day(moment, case.chart.scope))
    initial = initial_of(latest, screen, intake, age=age)
    form = forms.CriteriaForm(frame.sent(request), language=language, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.review_criteria(case=case, judgement=form.judgement(age=age), actor=actor, now=moment)
        messages.success(request, _("Judgement kept. Earlier ones stand below."), fail_silently=True)
        return redirect("rls:criteria", case.uuid)
    courses = course.WORDS.get(language, course.WORDS["en"])
    context = {
        "case": case,
        "chart": case.chart,
        "name": adapter().display_name(person),
        "form": form,
        "mimics": loading.mimics(),
        "older": _older(latest, language),
        "is_from_intake": any(initial.get(name) for name in ("five_events", "weekly", "year_old")),
        "is_from_screen": bool(screen and screen.criteria),
        "is_told_ahead": latest is None and any(initial.get(f"{key}_current") for key in KEYS),
        "reviews": [
            {"row": row, "words": queries.criteria_words(row, language), "course": courses.get(row.course, "")}  # type: ignore[call-overload]
            for row in reviews
        ],
    }
    return web.page(request, "rls_module/intake/criteria.html", context, status=frame.status(request))


def _older(review: CriteriaReview | None, language: str) -> list[tuple[str, str]]:
    """The features of 1995 in words, each with how it stands by the last judgement."""
    if review is None:
        return []
    answers = {"yes": _("yes"), "no": _("no"), "unsure": _("not sure"), None: _("not said")}
    found = rule.older(rule.CriteriaAnswers(**review.answers))
    words = rule.OLDER.get(language, rule.OLDER["en"])
    return [
        (words[key], answers[answer] if rule.OLDER_FROM[key] else _("has no counterpart today"))
        for key, answer in found.items()
    ]

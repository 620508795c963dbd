"""Letters to physicians, to print: read from the chart as it stands, in the language that is asked for.

Looking is a read like every other; that a letter left the room is a deed, and recorded as one.
"""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases import actions as case_actions
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.intake import queries
from rls_module.intake.forms.labs import LABELS
from rls_module.intake.models import AugmentationScreen, CriteriaReview, LabPanel, Referral
from rls_module.intake.views import frame
from rls_module.knowledge.papers import loading as papers
from rls_module.knowledge.papers.definition import Letters, Standing
from rls_module.knowledge.safety import augmentation

MOST_PANELS = 3
_Row = TypeVar("_Row", Case, Referral)


@web.staff
@require_http_methods(["GET", "POST"])
def iron_letter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask a physician for ferritin and transferrin saturation; the values at hand stand on it."""
    actor, case = _enter(request, Case, uuid, "lab.view")
    if request.method == "POST":
        return _handed_over(request, "iron", case, case, actor)
    with translation.override(frame.paper_language(request)):
        panels = queries.panels(case.chart).filter(void_at=None)[:MOST_PANELS]
        return _letter(request, "iron", case, actor.name, panels=[_values(panel) for panel in panels])


@web.staff
@require_http_methods(["GET", "POST"])
def prescriber_letter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tell a prescriber what came up about medicines, for discussion; where nothing did there is no letter."""
    actor, case = _enter(request, Case, uuid, "medication.view")
    language = frame.paper_language(request)
    found = queries.for_the_prescriber(case.chart, language)
    if not found:
        raise web.Conflict(_("Nothing stands that a prescriber would have to hear of."))
    if request.method == "POST":
        return _handed_over(request, "prescriber", case, case, actor)
    letters = papers.letters(language)
    with translation.override(language):
        return _letter(
            request,
            "prescriber",
            case,
            actor.name,
            concerns=found.concerns,
            may_worsen=letters.may_worsen,
            signs=[letters.signs[key] for key in found.signs if key in letters.signs],
            screen=_screened(found.screen, letters) if found.screen else None,
            screened_for=queries.augmenting(case.chart) if found.screen else [],
        )


def _screened(row: AugmentationScreen, letters: Letters) -> dict[str, Any]:
    answers = augmentation.AugmentationAnswers.model_validate(row.answers)
    minutes = augmentation.screen(answers).minutes
    earlier = [letters.earlier.format(hours=f"{minutes / 60:g}")] if minutes and minutes > 0 else []
    said = [*augmentation.said(answers, letters.language), *earlier]
    return {"on": row.created_at, "result": letters.screens[row.result], "said": said}  # type: ignore[index]


@web.staff
@require_http_methods(["GET", "POST"])
def referral_letter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Refer a patient in writing, with the red flags and the words of the referral; not where it was an error."""
    actor, row = _enter(request, Referral, uuid, "intake.view")
    if queries.is_in_error(row):
        raise web.Conflict(_("This referral was entered in error: there is no letter of it."))
    if request.method == "POST":
        return _handed_over(request, "referral", row, row.case, actor)
    language = frame.paper_language(request)
    with translation.override(language):
        flags = queries.red_flag_words(row.red_flags, language)
        return _letter(request, "referral", row.case, row.referred_by_name, referral=row, flags=flags)


def _enter(request: HttpRequest, model: type[_Row], uuid: UUID, right: str) -> tuple[Actor, _Row]:
    """Return who asks and the row; that a letter was handed over is a contact, which has a right of its own.

    Every letter says how the criteria stand: to read one takes `intake.view` beside the right to what it is about.
    """
    actor = of_request(request)
    if request.method == "POST":
        return actor, access.fetch(request, actor, model, uuid, "contact.create")
    row = access.fetch(request, actor, model, uuid, right)
    access.permit(request, actor, row, "intake.view")
    return actor, row


def _handed_over(request: HttpRequest, key: str, row: Case | Referral, case: Case, actor: Actor) -> HttpResponse:
    paper = f"letter {key} {frame.paper_language(request)}"
    kind = row._meta.model_name or ""
    case_actions.hand_over(chart=case.chart, kind=kind, ref=row.uuid, paper=paper, actor=actor)
    messages.success(request, _("Recorded: the letter was handed over."), fail_silently=True)
    return redirect("rls:referrals", case.uuid)


def _letter(request: HttpRequest, key: str, case: Case, writer: str, **facts: Any) -> HttpResponse:
    """Show a letter in the language that is active; `writer` signs it."""
    language, person = frame.language(), case.chart.patient
    letters = papers.letters(language)
    letter = letters.letters[key]
    context = {
        "letter": letter,
        "standing": letters.standing[_standing(queries.latest_review(case))],
        "citations": papers.citations(letter.sources),
        "name": adapter().display_name(person),
        "birth": adapter().birth(person),
        "brand": adapter().brand(case.chart.scope),
        "written_on": clinic_day(now(), case.chart.scope),
        "writer": writer,
        "languages": frame.paper_languages(language),
        "may_hand_over": access.may(request, "contact.create", person),
        "back_url": reverse("rls:referrals", args=[case.uuid]),
        **facts,
    }
    return web.page(request, f"rls_module/papers/{key}.html", context)


def _standing(review: CriteriaReview | None) -> Standing:
    """Return how the criteria stand, for a letter: judged either way, or open."""
    match review and review.result:
        case CriteriaReview.Result.MET:
            return "met"
        case CriteriaReview.Result.NOT_MET:
            return "not_met"
        case _:
            return "open"


def _values(panel: LabPanel) -> dict[str, Any]:
    return {
        "row": panel,
        "values": [
            (label, panel.entered[analyte]["value"], panel.entered[analyte]["unit"])
            for analyte, label in LABELS.items()
            if analyte in panel.entered
        ],
    }

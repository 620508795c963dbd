"""The note itself: a form while it is the author's own draft, to read afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.cases import queries as case_queries
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import now
from rls_module.host.rows import Stale
from rls_module.knowledge.safety import billing
from rls_module.knowledge.vocabulary import fascial
from rls_module.knowledge.vocabulary.loading import muscles
from rls_module.library import queries as library_queries
from rls_module.plans import queries as plan_queries
from rls_module.visits import actions, forms, queries
from rls_module.visits.models import Visit
from rls_module.visits.views.paragraph import paragraph
from rls_module.visits.views.words import lack_words

NOTE = "rls_module/visits/note.html"
CONFLICT = 409
_CARRYING = frozenset(f"{verb}-{block}" for verb in ("carry", "look") for block in (*queries.MODELS, "all"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The forms of one note: what is stored, or what was sent."""

    note: forms.NoteForm
    sites: forms.RowFormSet
    points: forms.RowFormSet
    exercises: forms.RowFormSet

    @classmethod
    def of(cls, visit: Visit, done: queries.Treatment, data: QueryDict | None = None) -> Sheet:
        """Return the forms of `visit`."""
        return cls(
            forms.NoteForm.of(visit, data),
            forms.site_formset(done.sites, data),
            forms.point_formset(done.points, data),
            forms.exercise_formset(done.exercises, data, table=_table(visit)),
        )

    def is_valid(self) -> bool:
        """Say whether everything on the page can be stored; every form is checked."""
        checked = [form.is_valid() for form in (self.note, self.sites, self.points, self.exercises)]
        return all(checked)


@web.staff
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a note: the form while it is the author's own draft, otherwise as it stands."""
    actor = of_request(request)
    wanted = request.POST.get("do", "")
    visit = access.fetch(request, actor, Visit, uuid, _right(request.method, wanted))
    if request.method == "GET":
        is_mine = visit.is_draft and visit.author_id == actor.user_id
        is_mine = is_mine and access.may(request, "visit.edit", visit.chart.patient)
        return _form_page(request, visit) if is_mine else _reading_page(request, visit)
    if wanted == "discard":
        return _discard(request, actor, visit)
    return _save(request, actor, visit, wanted)


def _right(method: str | None, wanted: str) -> str:
    if method == "GET":
        return "visit.view"
    return "visit.sign" if wanted == "sign" else "visit.edit"


def _save(request: HttpRequest, actor: Actor, visit: Visit, wanted: str) -> HttpResponse:
    sheet = Sheet.of(visit, queries.treatment(visit), request.POST)
    if not sheet.is_valid():
        return _again(request, visit, sheet, status=422)
    try:
        visit = actions.save_draft(
            visit=visit,
            seen=web.seen_version(request),
            note=sheet.note.cleaned_data,
            sites=sheet.sites.rows,
            points=sheet.points.rows,
            exercises=forms.with_keys(sheet.exercises.rows, visit.chart.scope),
            kept=_blocks(wanted, "look"),
            actor=actor,
            now=now(),
        )
        if blocks := _blocks(wanted, "carry"):
            visit = actions.carry_forward(visit=visit, seen=visit.version, blocks=blocks, actor=actor, now=now())
        if wanted == "sign":
            actions.sign(visit=visit, seen=visit.version, actor=actor, now=now())
    except Stale:
        return _again(request, visit, sheet, status=409)
    except (actions.NotTheAuthor, actions.NotADraft):
        raise web.Conflict(_("This note can't be changed any more, or not by you.")) from None
    except actions.NotReady as refusal:
        visit.refresh_from_db()  # the draft is saved; the version that signing had taken was rolled back
        return _form_page(request, visit, lacks=refusal.lacks, status=422)
    return _saved(request, visit, wanted)


def _blocks(wanted: str, verb: str) -> list[queries.Block]:
    """Return the blocks that a button such as `carry-sites` or `carry-all` is about."""
    asked, _dash, block = wanted.partition("-")
    return [known for known in queries.MODELS if asked == verb and block in (known, "all")]


def _again(request: HttpRequest, visit: Visit, sheet: Sheet, *, status: int) -> HttpResponse:
    """Show the page again, or tell the script that keeps it how that went."""
    if request.POST.get("do") == "keep":
        return _kept(visit, status)
    return _form_page(request, visit, sheet, status=status, theirs=status == CONFLICT)


def _kept(visit: Visit, status: int = 200) -> HttpResponse:
    return JsonResponse({"version": visit.version, "mark": ""}, status=status)


def _saved(request: HttpRequest, visit: Visit, wanted: str) -> HttpResponse:
    if wanted == "keep":
        return _kept(visit)
    if wanted == "sign":
        messages.success(request, _("Signed. The note can't be changed any more."), fail_silently=True)
    if wanted in ("sign", "leave"):
        return redirect("rls:chart", visit.chart.uuid)
    if wanted == "consent":
        return redirect("rls:needling_consent", visit.chart.uuid)
    if wanted == "notice":
        return redirect("rls:notices", visit.chart.uuid)
    if wanted == "event":
        return redirect("rls:adverse_events", visit.case.uuid)
    if wanted in _CARRYING:
        return redirect(reverse("rls:visit", args=[visit.uuid]) + f"#{wanted.rpartition('-')[2]}")
    return redirect("rls:visit", visit.uuid)


def _discard(request: HttpRequest, actor: Actor, visit: Visit) -> HttpResponse:
    try:
        actions.discard(visit=visit, seen=web.seen_version(request), actor=actor)
    except (Stale, actions.NotTheAuthor, actions.NotADraft):
        raise web.Conflict(_("This note can't be discarded: it was changed, signed, or is not yours.")) from None
    return redirect("rls:chart", visit.chart.uuid)


def _form_page(
    request: HttpRequest,
    visit: Visit,
    sheet: Sheet | None = None,
    *,
    lacks: Any = (),
    theirs: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Render the forms with what is stored, or with what was typed beside what a colleague stored meanwhile."""
    done = queries.treatment(visit)
    stored = queries.as_stored(visit) if theirs else visit
    sheet = sheet or Sheet.of(visit, done)
    context = {
        **_common(visit),
        "note": sheet.note,
        "sites": sheet.sites,
        "points": sheet.points,
        "exercises": sheet.exercises,
        "needles_in": done.needles_in,
        "is_short": any(lack.field in ("needles_out", "patient_checked", "incident") for lack in lacks),
        "lacks": [lack_words(lack) for lack in lacks],
        "theirs": {"visit": stored, "done": _named(done)} if theirs else None,
        "version": stored.version,
        "muscles": muscles(),
        "codes": fascial.default_points(),
        "library": _library(visit),
        "has_consent": case_queries.consents_to(visit.chart, "needling", on=visit.visit_date),
        **_last_time(visit, done),
        "billing": _units(request, visit, done, sheet.note),
        "lacks_notice": _lacks_notice(request, visit),
        "due": _due(request, visit),
    }
    return web.page(request, NOTE, context, status=status)


def _reading_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    done, signature = queries.treatment(visit), queries.signature(visit)
    context = {
        **_common(visit),
        "done": _named(done),
        "signature": signature,
        "addenda": queries.addenda(visit),
        "paragraph": paragraph(visit, done, signature) if signature else "",
        "billing": _units(request, visit, done, signed_at=signature.signed_at if signature else None),
    }
    return web.page(request, "rls_module/visits/read.html", context)


def _units(
    request: HttpRequest,
    visit: Visit,
    done: queries.Treatment,
    form: forms.NoteForm | None = None,
    *,
    signed_at: datetime | None = None,
) -> dict[str, Any] | None:
    """Return what the note comes to as it is stored, for those who may see that; `form` offers the codes that tie."""
    if not access.may(request, "billing.view", visit.chart.patient):
        return None
    review = queries.review(visit, done, signed_at=signed_at)
    if form is not None:
        form.offer_units(review.tied)
    return {**queries.in_words(review), "tied": review.tied}


def _lacks_notice(request: HttpRequest, visit: Visit) -> bool:
    may_see = access.may(request, "notice.view", visit.chart.patient)
    return may_see and queries.lacks_notice(visit.chart, visit.visit_date)


def _due(request: HttpRequest, visit: Visit) -> list[dict[str, Any]]:
    """Return what is near or over for the certification of the plan, for those who may see that."""
    if not access.may(request, "billing.view", visit.chart.patient):
        return []
    found = plan_queries.due_in_words(visit.case, today=visit.visit_date)
    return [one for one in found if one["is_near"]]


def _table(visit: Visit) -> billing.Table:
    return library_queries.to_bill_by(library_queries.billing_table(visit.chart.scope))


def _common(visit: Visit) -> dict[str, Any]:
    name = adapter().display_name(visit.chart.patient)
    return {"visit": visit, "chart": visit.chart, "case": visit.case, "name": name}


def _last_time(visit: Visit, done: queries.Treatment) -> dict[str, Any]:
    """Return the last signed visit to look at, and how much of it can be carried forward, by block."""
    last = queries.last_signed(visit)
    before = queries.treatment(last) if last else queries.Treatment()
    counts = {block: len(queries.carriable(block, before, done)) for block in queries.MODELS}
    return {"last": {"visit": last, "done": _named(before)} if last else None, "carriable": counts}


def _named(done: queries.Treatment) -> dict[str, Any]:
    """Return the rows to read, with the names that therapists write."""
    return {
        "sites": [{"row": row, "muscle": forms.muscle_name(row.muscle)} for row in done.sites],
        "points": done.points,
        "exercises": done.exercises,
        "needles_in": done.needles_in,
    }


def _library(visit: Visit) -> list[str]:
    language = (get_language() or "en").split("-")[0]
    return [library_queries.words(one.name, language) for one in library_queries.exercises(visit.chart.scope)]

"""Pages of the visit room: start a note, and the note itself, as a form while it is a draft, to read afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rls_module.cases import access
from rls_module.cases.models import Case
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.knowledge.vocabulary.loading import muscles
from rls_module.visits import actions, forms, queries
from rls_module.visits.models import Visit

NOTE = "rls_module/visits/note.html"


@web.staff
@require_POST
def start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a note on the case, from a visit of the host (`visit`, its reference) or for today."""
    actor = of_request(request)
    case = access.fetch(request, actor, Case, uuid, "visit.edit")
    moment = now()
    ref = request.POST.get("visit", "")
    started = _host_start(case, ref) if ref else None
    visit = actions.open_draft(
        case=case,
        visit_date=_day_of(started, case) or clinic_day(moment, case.chart.scope),
        visit_started_at=started if isinstance(started, datetime) else None,
        host_visit=ref,
        actor=actor,
        now=moment,
    )
    return redirect("rls:visit", visit.uuid)


def _host_start(case: Case, ref: str) -> Any:
    """Return when the host's visit started; another patient's visit does not exist here."""
    try:
        host_visit = adapter().visit_from_ref(ref)
        is_own = host_visit is not None and adapter().visit_patient_pk(host_visit) == str(case.chart.patient_id)
        if is_own:
            return adapter().visit_start(host_visit)
    except (AttributeError, TypeError, ValueError):  # the reference names something that is no visit
        pass
    raise web.NotFound


def _day_of(started: Any, case: Case) -> Any:
    if isinstance(started, datetime):
        return started.astimezone(adapter().brand(case.chart.scope).zone).date()
    return started


@web.staff
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a note: the form while it is the author's own draft, otherwise as it stands."""
    actor = of_request(request)
    wanted = request.POST.get("do", "")
    visit = access.fetch(request, actor, Visit, uuid, _right(request.method, wanted))
    if request.method == "GET":
        is_mine = visit.is_draft and visit.author_id == actor.user_id
        return _form_page(request, visit) if is_mine else _reading_page(request, visit)
    if wanted == "discard":
        return _discard(request, actor, visit)
    return _save(request, actor, visit, wanted)


def _right(method: str | None, wanted: str) -> str:
    if method == "GET":
        return "visit.view"
    return "visit.sign" if wanted == "sign" else "visit.edit"


def _save(request: HttpRequest, actor: Actor, visit: Visit, wanted: str) -> HttpResponse:
    note_form = forms.NoteForm.of(visit, request.POST)
    sites = forms.site_formset(queries.sites(visit), request.POST)
    if not (note_form.is_valid() and sites.is_valid()):
        return _form_page(request, visit, note_form, sites, status=422)
    seen = web.seen_version(request)
    try:
        visit = actions.save_draft(
            visit=visit, seen=seen, note=note_form.cleaned_data, sites=sites.rows, actor=actor, now=now()
        )
        if wanted == "sign":
            actions.sign(visit=visit, seen=visit.version, actor=actor, now=now())
    except Stale:
        return _form_page(request, visit, note_form, sites, status=409, theirs=True)
    except (actions.NotTheAuthor, actions.NotADraft):
        raise web.Conflict(_("This note can't be changed any more, or not by you.")) from None
    except actions.NotReady as refusal:
        visit.refresh_from_db()  # the draft is saved; the version that signing had taken was rolled back
        return _form_page(request, visit, lacks=refusal.lacks, status=422)
    if wanted == "sign":
        messages.success(request, _("Signed. The note can't be changed any more."), fail_silently=True)
        return redirect("rls:chart", visit.chart.uuid)
    if wanted == "leave":
        return redirect("rls:chart", visit.chart.uuid)
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
    note_form: forms.NoteForm | None = None,
    sites: forms.SiteFormSet | None = None,
    *,
    lacks: Any = (),
    theirs: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Render the form with what is stored, or with what was typed beside what a colleague stored meanwhile."""
    rows = queries.sites(visit)
    stored = queries.as_stored(visit) if theirs else visit
    context = {
        **_common(visit),
        "note": note_form or forms.NoteForm.of(visit),
        "sites": sites or forms.site_formset(rows),
        "needles_in": queries.needles_in(rows),
        "lacks": [_lack_words(lack) for lack in lacks],
        "theirs": {"visit": stored, "sites": _named(rows)} if theirs else None,
        "version": stored.version,
        "muscles": muscles(),
        "last": _last(visit),
    }
    return web.page(request, NOTE, context, status=status)


def _reading_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    rows = queries.sites(visit)
    context = {
        **_common(visit),
        "sites": _named(rows),
        "needles_in": queries.needles_in(rows),
        "signature": queries.signature(visit),
    }
    return web.page(request, "rls_module/visits/read.html", context)


def _common(visit: Visit) -> dict[str, Any]:
    return {"visit": visit, "chart": visit.chart, "name": adapter().display_name(visit.chart.patient)}


def _last(visit: Visit) -> dict[str, Any] | None:
    last = queries.last_signed(visit)
    return {"visit": last, "sites": _named(queries.sites(last))} if last else None


def _named(rows: Any) -> list[dict[str, Any]]:
    return [{"row": row, "muscle": forms.muscle_name(row.muscle)} for row in rows]


def _lack_words(lack: queries.Lack) -> dict[str, str]:
    """Say what a note still lacks, with the id of the control that mends it."""
    words = {
        "since_last": _("Say how it has been since last time."),
        "reaction": _("Ask about a reaction to the last treatment."),
        "reaction_note": _("Write which reaction it was."),
        "safety": _("Ask whether medicines, bleeding, infection or pregnancy changed."),
        "safety_note": _("Write what changed."),
        "response": _("Write how the patient responded."),
        "next_time": _("Write the plan for next time."),
        "timed_minutes": _("Enter the timed minutes."),
        "total_minutes": _("Enter the total minutes; they can't be fewer than the timed ones."),
        "no_treatment_because": _("Enter what was done, or why there was no treatment."),
        "side": _("Muscle %(number)d: choose the side.") % {"number": lack.site},
        "needles_in": _("Muscle %(number)d: enter how many needles went in.") % {"number": lack.site},
        "needles_out": _("Count the needles as they come out and enter the number."),
    }
    text = words[lack.field]
    if lack.code == "mismatch":
        text = _("Needles in and needles out differ. Count again and look for the missing needle before you sign.")
    place = f"id_site-{lack.site - 1}-{lack.field}" if lack.site else f"id_{lack.field}"
    is_choice = lack.field in ("since_last", "reaction", "safety", "side")
    return {"target": f"{place}_0" if is_choice else place, "text": text}

"""The therapist's home: the worklist and the chart."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rls_module.cases import access
from rls_module.cases import queries as case_queries
from rls_module.cases.models import Chart, Response
from rls_module.followups.models import Occurrence
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.intake import queries as intake_queries
from rls_module.outcomes import queries
from rls_module.visits import queries as visit_queries

MOST_ROWS = 50
LONGEST_SEARCH = 100


@web.staff
@require_safe
def worklist(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person who asks: today's visits, unsigned notes, tasks, follow-ups."""
    actor = of_request(request)
    moment = now()
    scope = adapter().request_scope(request) or "default"
    day = clinic_day(moment, scope)
    language = _language()
    show = partial(access.listing, request, actor, limit=MOST_ROWS)
    to_reassess, due = queries.to_reassess(actor.user_id, scope, moment)
    context = {
        "day": day,
        "now": moment,
        "visits": _visits(request, actor, day),
        "tasks": [
            _line(request, row, words=case_queries.task_words(row, language))
            for row in show(queries.open_tasks(), "task.view")
        ],
        "drafts": [_line(request, row) for row in show(queries.unsigned(actor.user_id), "visit.view")],
        "plans": [_line(request, row) for row in show(queries.unsigned_plans(actor.user_id), "plan.view")],
        "reassess": [
            _line(request, row, words=str(queries.DUE_WORDS[due[row.pk].stage]))
            for row in show(to_reassess, "plan.view")
        ],
        "intakes": [_line(request, row) for row in show(queries.begun_intakes(actor.user_id), "intake.view")],
        "answered": [_line(request, row) for row in show(queries.intakes_sent_in(), "response.view")],
        "failed": [
            _line(request, row, words=queries.reason_words(row.state_reason))
            for row in show(queries.undeliverable(moment), "delivery.view")
        ],
        "waiting": [_asked(request, row, language) for row in show(queries.waiting(moment), "enrolment.view")],
        "may_export": access.may(request, "export.download", None),
        "ahead": [_asked(request, row, language) for row in show(queries.ahead(moment), "enrolment.view")],
    }
    return web.page(request, "rls_module/outcomes/worklist.html", context)


@web.staff
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Find a patient by what the host searches for; posted, so that no name stands in an address."""
    actor = of_request(request)
    text = request.POST.get("text", "").strip()[:LONGEST_SEARCH]
    found = access.search(request, actor, text, limit=MOST_ROWS) if text and text.isprintable() else []
    charts = case_queries.charts_of(found)
    context = {"text": text, "found": [_match(request, one, charts.get(one.pk)) for one in found]}
    return web.page(request, "rls_module/outcomes/found.html", context)


def _match(request: HttpRequest, person: Any, chart: Chart | None) -> dict[str, Any]:
    """Return a patient who was found; the name leads to the chart only for those who may open that."""
    opens = access.may(request, "chart.view", person)
    return {
        "key": str(person.pk),
        "name": adapter().display_name(person),
        "ref": adapter().public_ref(person),
        "opens": opens,
        "may_open": not opens and access.may(request, "patient.break_glass", person),
        "chart": chart,
        "may_report": access.may(request, "audit.report", person),
    }


def _line(request: HttpRequest, row: Any, *, words: str = "") -> dict[str, Any]:
    """Return a row of the worklist; its name leads to the chart only for those who may open that."""
    person = row.chart.patient
    opens = access.may(request, "chart.view", person)
    return {"row": row, "name": adapter().display_name(person), "words": words, "opens": opens}


def _asked(request: HttpRequest, row: Occurrence, language: str) -> dict[str, Any]:
    return _line(request, row, words=case_queries.step_name(row.step, language))


def _visits(request: HttpRequest, actor: Actor, day: date) -> list[dict[str, Any]]:
    """Return the host's visits of the day whose patients have a chart: with the note, or the case to begin one on."""
    booked = [(row, adapter().visit_patient_pk(row)) for row in adapter().visits_on(request, day)]
    charts = access.listing(
        request, actor, queries.charts_of_patients(pk for _row, pk in booked if pk), "chart.view", limit=MOST_ROWS
    )
    by_patient = {str(chart.patient_id): chart for chart in charts}
    notes = visit_queries.charted_refs([adapter().visit_ref(row) for row, _pk in booked])
    cases = case_queries.open_cases(charts)
    return [
        {
            "chart": by_patient[pk],
            "name": adapter().display_name(by_patient[pk].patient),
            "start": _start(row),
            "ref": adapter().visit_ref(row),
            "note": notes.get(adapter().visit_ref(row)),
            "case": cases.get(by_patient[pk].pk) if access.may(request, "visit.edit", by_patient[pk].patient) else None,
        }
        for row, pk in booked
        if pk in by_patient
    ]


def _start(visit: Any) -> datetime | None:
    start = adapter().visit_start(visit)
    return start if isinstance(start, datetime) else None


@web.staff
@require_safe
def chart(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one patient's course: what was found, what was done, whether it changed, and what needs a person."""
    actor = of_request(request)
    try:
        row = access.fetch(request, actor, Chart, uuid, "chart.view")
    except access.Locked:
        return redirect("rls:emergency", uuid)
    moment = now()
    person = row.patient
    context = {
        "chart": row,
        "name": adapter().display_name(person),
        "age": _age(person, clinic_day(moment, row.scope)),
        "patient_url": adapter().patient_url(person),
        "page": queries.chart_page(row, now=moment, language=_language()),
        "screen": intake_queries.latest_screen(row),
        "now": moment,
        "visits_today": _uncharted(row, clinic_day(moment, row.scope)),
        "may_contact": access.may(request, "patient.contact", person),
        "email": adapter().email(person),
        "may_record": access.may(request, "response.create", person),
        "may_report": access.may(request, "audit.report", person),
        "may_export": access.may(request, "export.patient", person),
        "may_revoke": access.may(request, "link.revoke", person),
        "may_send_intake": access.may(request, "intake.send", person),
        "may_hold": access.may(request, "hold.view", person),
        "may_bill": access.may(request, "billing.view", person),
        "is_held": case_queries.is_held(row),
    }
    return web.page(request, "rls_module/outcomes/chart.html", context)


@web.staff
@require_safe
def witnessed(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show who saw or did what with one patient's records."""
    actor = of_request(request)
    row = access.fetch(request, actor, Chart, uuid, "audit.report")
    context = {
        "chart": row,
        "name": adapter().display_name(row.patient),
        "events": queries.witnessed(row.patient_id),
        "opens": access.may(request, "chart.view", row.patient),
        "may_hold": access.may(request, "hold.view", row.patient),
    }
    return web.page(request, "rls_module/outcomes/witnessed.html", context)


@web.staff
@require_safe
def response(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one sitting, exactly as it was asked and answered."""
    actor = of_request(request)
    row = access.fetch(request, actor, Response, uuid, "response.view")
    context = {
        "response": row,
        "chart": row.chart,
        "name": adapter().display_name(row.chart.patient),
        "lines": queries.lines(row, _language()),
    }
    return web.page(request, "rls_module/outcomes/response.html", context)


@web.staff
@require_safe
def answers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Lead from a time of asking to what was answered; a form that was never sent in has none."""
    actor = of_request(request)
    row = access.fetch(request, actor, Occurrence, uuid, "response.view")
    found = queries.response_of(row)
    if found is None:
        raise web.NotFound(_("This form was not sent in. Ticked dangers raise their task all the same."))
    return redirect("rls:response", found.uuid)


def _age(person: Any, today: date) -> int | None:
    birth = adapter().birth(person)
    if birth.on is not None:
        return today.year - birth.on.year - ((today.month, today.day) < (birth.on.month, birth.on.day))
    return birth.age if birth.year is None else today.year - birth.year


def _uncharted(chart: Chart, today: date) -> list[dict[str, str]]:
    """Return references of the patient's host visits of today that have no note yet."""
    zone = adapter().brand(chart.scope).zone
    todays = [row for row in adapter().visits_for(chart.patient) if _day(adapter().visit_start(row), zone) == today]
    refs = [adapter().visit_ref(row) for row in todays]
    charted = visit_queries.charted_refs(refs)
    return [{"ref": ref} for ref in refs if ref not in charted]


def _day(start: Any, zone: ZoneInfo) -> date | None:
    return start.astimezone(zone).date() if isinstance(start, datetime) else start


def _language() -> str:
    return (get_language() or "en").split("-")[0]

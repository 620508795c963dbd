"""The patient's pages: start, one page of questions at a time, advice, review, thanks; and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.followups import actions as followup_actions
from rls_module.followups import queries as followup_queries
from rls_module.followups.models import Occurrence
from rls_module.host import Brand, adapter, web
from rls_module.host.actor import Actor, of_token
from rls_module.host.clock import now
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.safety import alerts
from rls_module.knowledge.safety.alert_conditions import URGENT
from rls_module.questionnaire import QuestionForm, answers_from, form_for
from rls_module.surveys import access, actions, queries

PAGES_WITH_RULES = frozenset({"new_problem", "closing"})
SNOOZE_DAYS = {"tomorrow": 1, "in3": 3, "in7": 7}
SEE_OTHER = 303


class SeeOther(HttpResponseRedirect):
    """After a post: go on with a GET."""

    status_code = SEE_OTHER


@web.public
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Answer everything behind a survey's link; whatever does not open it gets one and the same 404 page."""
    moment = now()
    door = access.enter(request, token, moment)
    if door is None or not followup_queries.is_answerable(door.occurrence, moment):
        return _gone(request)
    with translation.override(door.ticket.language):
        if door.occurrence.response_id is not None:
            response = _already(request, door)
        elif not door.occurrence.is_open:
            return _gone(request)
        else:
            response = (_post if request.method == "POST" else _get)(request, door, moment)
    if request.method != "POST" or request.GET.get("lang"):
        response.set_cookie(**access.cookie(door, secure=request.is_secure()))
    return response


# Seeing


def _get(request: HttpRequest, door: access.Door, moment: datetime) -> HttpResponse:
    page = request.GET.get("page", "")
    if not page or not door.has_started or door.occurrence.begun_at is None:
        return _start_page(request, door, moment)
    done = queries.progress(door.occurrence, door.ticket.language)
    if page == "call":
        return _show(request, door, "call", {"form_token": access.form_token(door, "call", moment)})
    if page == "advice":
        return _advice_page(request, door, done)
    if page == "stop":
        return _show(request, door, "paused", {})
    if page == queries.REVIEW:
        return _review_page(request, door, done, moment)
    if done.page(page) is None:
        return SeeOther(door.page_url(done.first_open))
    return _question_page(request, door, done, page, moment)


def _start_page(request: HttpRequest, door: access.Door, moment: datetime) -> HttpResponse:
    done = queries.progress(door.occurrence, door.ticket.language)
    context = {
        "count": sum(len(page.questions) for page in done.pages),
        "minutes": done.instrument.minutes,
        "has_begun": bool(done.sittings),
        "action": reverse("rls_surveys:survey", args=[door.occurrence.selector]),
        "token": door.token or followup_queries.link_token(door.occurrence, "survey"),
        "form_token": access.form_token(door, "start", moment),
    }
    return _show(request, door, "start", context, is_start=True)


def _question_page(
    request: HttpRequest,
    door: access.Door,
    done: queries.Progress,
    page: str,
    moment: datetime,
    form: QuestionForm | None = None,
    *,
    notices: tuple[str, ...] = (),
    stale_form: bool = False,
    status: int = 200,
) -> HttpResponse:
    view = done.page(page)
    assert view is not None  # noqa: S101  callers have looked
    is_own = done.is_own(page, door.ticket.sitting)
    words = done.instrument.words(door.ticket.language)
    context = {
        "page": page,
        "form": form or form_for(view.questions, words=words, initial=done.answers if is_own else None),
        "was_answered": not is_own and done.was_answered(page),
        "notices": [words.messages[key] for key in notices],
        "stale_form": stale_form,
        "back_url": door.page_url(done.before(page)) if done.before(page) else "",
        "action": door.page_url(page),
        "form_token": access.form_token(door, page, moment),
        "progress": _progress(done, page),
        "rule_10": _rule_10() if page == "medicines" else "",
    }
    return _show(request, door, "question", context, status=status)


def _review_page(
    request: HttpRequest,
    door: access.Door,
    done: queries.Progress,
    moment: datetime,
    problems: Mapping[str, str] | None = None,
) -> HttpResponse:
    words = done.instrument.words(door.ticket.language)
    lines = [
        {
            "text": branching.filled(words.items[question.item.key].text, question.piped),
            "value": _value(done, view.key, question, words, door.ticket.sitting),
            "url": door.page_url(view.key),
            "is_problem": question.name in (problems or {}),
        }
        for view in done.pages
        for question in view.questions
    ]
    context = {
        "lines": lines,
        "has_problems": bool(problems),
        "action": door.page_url(queries.REVIEW),
        "back_url": door.page_url(done.before(queries.REVIEW)),
        "form_token": access.form_token(door, queries.REVIEW, moment),
        "progress": _progress(done, queries.REVIEW),
    }
    return _show(request, door, "review", context, status=422 if problems else 200)


def _value(done: queries.Progress, page: str, question: branching.Question, words: Any, sitting: str) -> str:
    """Return an answer in words; one of an earlier sitting only says that it is there."""
    answer = done.answers.get(question.name)
    if branching.is_empty(answer):
        return _("left empty")
    if not done.is_own(page, sitting):
        return _("answered")
    said = words.items[question.item.key]
    if isinstance(answer, list):
        return ", ".join(said.label(one) for one in answer)
    return said.label(answer) if str(answer) in said.options else str(answer)


def _progress(done: queries.Progress, page: str) -> dict[str, Any]:
    place, most = done.place(page), len(done.pages) + 1
    return {
        "value": place,
        "max": most,
        "text": _("Page %(place)d of about %(most)d") % {"place": place, "most": most},
    }


# Doing


def _post(request: HttpRequest, door: access.Door, moment: datetime) -> HttpResponse:
    wanted = request.POST.get("do", "")
    actor = of_token(door.occurrence.selector, route="survey")
    if wanted == "start":
        return _begin(request, door, actor, moment)
    if door.occurrence.begun_at is None or not door.has_started:
        return _start_page(request, door, moment)
    page = request.GET.get("page", "")
    done = queries.progress(door.occurrence, door.ticket.language)
    is_own = access.is_own_form(door, page, request.POST.get("form_token", ""), moment)
    if page == "call" and is_own:
        followup_actions.ask_for_call(occurrence=door.occurrence, actor=actor, now=moment)
        return _show(request, door, "call_asked", {"back_url": door.page_url(done.first_open)})
    if page == queries.REVIEW:
        return _send(request, door, done, actor, moment) if is_own else _review_page(request, door, done, moment)
    if done.page(page) is None:
        return SeeOther(door.page_url(done.first_open))
    return _save(request, door, done, page, actor, moment, is_own=is_own)


def _begin(request: HttpRequest, door: access.Door, actor: Actor, moment: datetime) -> HttpResponse:
    """Begin, or go on; where the cookie came back the token leaves the address for good."""
    followup_actions.begin(occurrence=door.occurrence, actor=actor, now=moment)
    done = queries.progress(door.occurrence, door.ticket.language)
    return SeeOther(door.page_url(done.first_open))


def _save(
    request: HttpRequest,
    door: access.Door,
    done: queries.Progress,
    page: str,
    actor: Actor,
    moment: datetime,
    *,
    is_own: bool,
) -> HttpResponse:
    view = done.page(page)
    assert view is not None  # noqa: S101  callers have looked
    form, view = _bound(request, done, view, door.ticket.language)
    keeps_earlier = not form.is_valid() and _is_untouched(request, view) and done.was_answered(page)
    if keeps_earlier and is_own:
        return SeeOther(door.page_url(done.after(page)))
    if form.errors or not is_own:
        return _question_page(request, door, done, page, moment, form, stale_form=not is_own, status=422)
    answers = answers_from(form)
    if not answers and done.was_answered(page) and not done.is_own(page, door.ticket.sitting):
        return SeeOther(door.page_url(done.after(page)))
    actions.save_page(occurrence=door.occurrence, page=page, answers=answers, sitting=door.ticket.sitting, now=moment)
    done = queries.progress(door.occurrence, door.ticket.language)
    return _after_saving(request, door, done, page, answers, actor, moment)


def _bound(
    request: HttpRequest, done: queries.Progress, view: branching.PageView, language: str
) -> tuple[QuestionForm, branching.PageView]:
    """Return the page's form for what was sent, with the questions that its own answers open."""
    words = done.instrument.words(language)
    form = form_for(view.questions, words=words, data=request.POST)
    form.is_valid()
    wider = {**done.answers, **answers_from(form)}
    pages = branching.pages(done.instrument, answers=wider, facts=done.facts, phase="followup")
    grown = next((page for page in pages if page.key == view.key), view)
    return form_for(grown.questions, words=words, data=request.POST), grown


def _is_untouched(request: HttpRequest, view: branching.PageView) -> bool:
    return not any(request.POST.getlist(question.name) not in ([], [""]) for question in view.questions)


def _after_saving(
    request: HttpRequest,
    door: access.Door,
    done: queries.Progress,
    page: str,
    answers: Mapping[str, Any],
    actor: Actor,
    moment: datetime,
) -> HttpResponse:
    """Go on; first say what the answers of this page themselves call for."""
    if page in PAGES_WITH_RULES:
        fired = followup_actions.page_saved(occurrence=door.occurrence, answers=answers, actor=actor, now=moment)
        advice = sorted({alert.patient_page for alert in fired if alert.patient_page})
        if advice:
            return SeeOther(door.page_url("advice", show="-".join(advice), then=done.after(page)))
    if _opened_more(done, page, request):
        return SeeOther(door.page_url(page))
    notices = branching.notices(done.instrument, answers)
    if notices and not request.POST.get("noticed"):
        return _question_page(request, door, done, page, moment, notices=notices)
    return SeeOther(door.page_url(done.after(page)))


def _opened_more(done: queries.Progress, page: str, request: HttpRequest) -> bool:
    """True when an answer opened a question on its own page that the patient has not seen yet."""
    view = done.page(page)
    seen = request.POST.get("seen", "").split()
    return view is not None and any(question.name not in seen for question in view.questions)


def _send(
    request: HttpRequest, door: access.Door, done: queries.Progress, actor: Actor, moment: datetime
) -> HttpResponse:
    try:
        submitted = actions.send(occurrence=door.occurrence, language=door.ticket.language, actor=actor, now=moment)
    except actions.Unfinished as unfinished:
        door.occurrence.refresh_from_db()
        if door.occurrence.response_id is not None:  # the other tab, or the other tap, was faster: it is the same
            return _thanks(request, door)
        return _review_page(request, door, done, moment, unfinished.problems)
    except followup_actions.AlreadyAnswered:
        return _thanks(request, door)
    except followup_actions.Closed:
        return _gone(request)
    return _thanks(request, door, submitted.alerts)


def _already(request: HttpRequest, door: access.Door) -> HttpResponse:
    """A form that was sent in is thanked for; a page of answers sent after it changes nothing and is told so."""
    if request.method == "POST" and request.GET.get("page", "") not in ("", queries.REVIEW):
        return _show(request, door, "already", {}, status=409)
    return _thanks(request, door)


def _thanks(request: HttpRequest, door: access.Door, fired: tuple[alerts.Alert, ...] = ()) -> HttpResponse:
    following = followup_queries.next_occurrence(door.occurrence)
    weeks = max(1, round((following.due_on - door.occurrence.due_on).days / 7)) if following else 0
    context = {
        "weeks": weeks,
        "call_line": any(alert.patient_line == "harder" for alert in fired),
        "advice": _advice(sorted({alert.patient_page for alert in fired if alert.patient_page}), door, []),
    }
    return _show(request, door, "thanks", context)


# Advice


def _advice_page(request: HttpRequest, door: access.Door, done: queries.Progress) -> HttpResponse:
    words = done.instrument.words(door.ticket.language)
    ticked = done.answers.get("new_problem", []) if done.is_own("new_problem", door.ticket.sitting) else []
    labels = [words.items["new_problem"].label(key) for key in ticked if key in URGENT]
    then = request.GET.get("then", "")
    following = then if done.page(then) or then == queries.REVIEW else done.first_open
    context = {
        "advice": _advice(request.GET.get("show", "").split("-"), door, labels),
        "next_url": door.page_url(following),
        "stop_here_url": door.page_url("stop"),
    }
    return _show(request, door, "advice", context)


def _advice(pages: list[str], door: access.Door, labels: list[str]) -> list[dict[str, Any]]:
    brand = adapter().brand(door.occurrence.scope)
    numbers = {"phone": brand.phone, "emergency": brand.emergency_number, "labels": ", ".join(labels)}
    said = {
        "U1": [
            _("Please get help now."),
            _("You ticked: %(labels)s.") % numbers if labels else "",
            _("If this is happening now, call %(emergency)s or go to the nearest emergency room.") % numbers,
            _("Do not wait for us to call. If it is over, call a doctor today."),
            _("We have left word at the clinic, but they may not see it until they open."),
        ],
        "U2": [
            _("Please do not drive while you feel sleepy."),
            _("Call your doctor, or the person who prescribes your medicine, today."),
            _("We will call you too when the clinic is open."),
        ],
        "U3": [
            _("Some of your answers are worth telling your doctor, or the person who prescribes your medicine."),
            _("Please call them today or on the next working day."),
            _rule_10(),
        ],
        "U4": [
            _("Thank you for telling us."),
            _("We will call you when the clinic is open."),
            _("If it gets worse before then, call us at %(phone)s or a doctor; in an emergency %(emergency)s.")
            % numbers,
        ],
    }
    found = [(page, [line for line in said[page] if line]) for page in pages if page in said]
    return [{"is_urgent": page == "U1", "title": lines[0], "lines": lines[1:]} for page, lines in found]


def _rule_10() -> str:
    return _("Please do not change or stop any medicine without the person who prescribes it.")


# The way out


@web.public
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Let a patient put a form off, stop reminders or stop all mail; a GET only shows, one POST does (RFC 8058)."""
    moment = now()
    occurrence = followup_queries.occurrence_by_link(token, "unsubscribe")
    if occurrence is None or not adapter().is_active(occurrence.chart.patient):
        return _gone(request)
    with translation.override(followup_queries.language_for(occurrence)):
        done = _change_preference(request, occurrence, moment) if request.method == "POST" else ""
        context = {
            "done": done,
            "want": request.GET.get("want", ""),
            "is_off": followup_queries.has_mail_off(occurrence.chart),
            "is_open": occurrence.is_open and followup_queries.is_answerable(occurrence, moment),
            **_frame(occurrence),
        }
        return render(request, "rls_module/surveys/preferences.html", context)


def _change_preference(request: HttpRequest, occurrence: Occurrence, moment: datetime) -> str:
    """Do what was asked and return what to say about it."""
    actor = of_token(occurrence.selector, route="unsubscribe")
    wanted = request.POST.get("do", "")
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if one_click or wanted == "all":
        source = "one_click" if one_click else "page"
        followup_actions.stop_mail(chart=occurrence.chart, source=source, actor=actor, now=moment)
        return _("Done. Your care stays the same. You can turn this on again here or by phone.")
    if wanted == "reminders":
        followup_actions.stop_reminders(occurrence=occurrence, actor=actor)
        return _("Done. We will not remind you of this form again. The link in the mail still works.")
    if wanted == "resume":
        followup_actions.resume_mail(chart=occurrence.chart, source="page", actor=actor, now=moment)
        return _("Done. We will write again when a form is due.")
    if wanted in SNOOZE_DAYS:
        days = SNOOZE_DAYS[wanted]
        at = followup_actions.snooze(occurrence=occurrence, days=days, actor=actor, now=moment)
        if at is None:
            return _("That day is after the form closes. Please answer before, or call us.")
        zone = followup_queries.zone_of(occurrence.chart)
        return _("Done: we will write on %(day)s.") % {"day": formats.date_format(at.astimezone(zone).date())}
    return ""


# Frame


def _show(
    request: HttpRequest,
    door: access.Door,
    page: str,
    context: Mapping[str, Any],
    *,
    is_start: bool = False,
    status: int = 200,
) -> HttpResponse:
    words = followup_queries.instrument_of(door.occurrence).words(door.ticket.language)
    out = reverse("rls_surveys:unsubscribe", args=[followup_queries.link_token(door.occurrence, "unsubscribe")])
    started = door.has_started and door.occurrence.begun_at is not None
    frame = {
        **_frame(door.occurrence),
        "heading": "" if is_start else words.heading,
        "languages": _languages(request, door),
        "call_url": door.page_url("call") if started and door.occurrence.is_open else "",
        "later_url": f"{out}?want=later",
        "stop_url": out,
    }
    return render(request, f"rls_module/surveys/{page}.html", {**frame, **context}, status=status)


def _frame(occurrence: Occurrence) -> dict[str, Any]:
    brand = adapter().brand(occurrence.scope)
    return {
        "brand": brand,
        "title": _("Questions - %(name)s") % {"name": brand.sender},
        "wording": _foot_words(brand),
    }


def _foot_words(brand: Brand) -> dict[str, str]:
    return {
        "help": _("Need help now?"),
        "emergency": _("Emergency: call {emergency_number}."),
        "crisis": _("If you are thinking of hurting yourself: call or text {crisis_line}, day or night."),
        "call_me": _("Please call me"),
        "later": _("Later"),
        "stop": _("Stop"),
    }


def _languages(request: HttpRequest, door: access.Door) -> list[tuple[str, str, str, bool]]:
    codes = followup_queries.languages_for(door.occurrence)
    if len(codes) < 2:  # noqa: PLR2004
        return []
    names = {"en": "English", "es": "Español"}
    page = request.GET.get("page", "")
    link = (lambda code: door.page_url(page, lang=code)) if page else (lambda code: f"{request.path}?lang={code}")
    return [(names.get(code, code), link(code), code, code == door.ticket.language) for code in codes]


def _gone(request: HttpRequest) -> HttpResponse:
    """The one page for every link that does not open anything: no clinic, no reason, no hint."""
    code = translation.get_language_from_request(request).split("-")[0]
    with translation.override(code if code in ("en", "es") else "en"):
        brand = Brand(name="")
        context = {"brand": brand, "title": _("Questions"), "wording": _foot_words(brand)}
        return render(request, "rls_module/surveys/gone.html", context, status=404)

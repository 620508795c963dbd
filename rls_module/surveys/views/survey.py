"""A survey behind its link: start, one page of questions at a time, review, thanks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from rls_module.followups import actions as followup_actions
from rls_module.followups import links
from rls_module.followups import queries as followup_queries
from rls_module.host import web
from rls_module.host.clock import now
from rls_module.knowledge.instruments import branching
from rls_module.knowledge.instruments.definition import Wording
from rls_module.knowledge.safety.alerts import Alert
from rls_module.questionnaire import QuestionForm, answers_from, form_for, in_words
from rls_module.surveys import access, actions, queries
from rls_module.surveys.views import papers
from rls_module.surveys.views.advice import advice_page, blocks_for, pages_of
from rls_module.surveys.views.frame import Here, SeeOther, busy, gone, show

MOST_ANSWERS = 200
OWN_FIELDS = frozenset({"form_token", "seen", "noticed", "do", "token"})  # what our forms send beside answers
PAGES_WITH_RULES = frozenset({"new_problem", "closing"})  # of the check-in; in the intake every page has them


@web.public
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Answer everything behind a survey's link; whatever does not open it gets one and the same 404 page."""
    moment = now()
    door = access.enter(request, token, moment)
    if door is None:
        return gone(request, token, "survey")
    here = Here(request, door, moment)
    with translation.override(door.ticket.language):
        if followup_queries.is_papers(door.occurrence):
            response = papers.read(here)
        elif door.occurrence.response_id is not None:
            response = _already(here)
        else:
            response = (_post if request.method == "POST" else _get)(here)
    if response.status_code < 400 or response.status_code == 422:  # noqa: PLR2004
        response.set_cookie(**access.cookie(door, secure=request.is_secure()))
    return response


# Seeing


def _get(here: Here) -> HttpResponse:
    if not here.page or not here.door.has_started or here.occurrence.begun_at is None:
        return _start_page(here)
    done = here.progress()
    match here.page:
        case "call":
            return show(here, "call", {"form_token": here.form_token("call")})
        case "advice" if followup_queries.has_rules(here.occurrence) or followup_queries.asks_intake(here.occurrence):
            return advice_page(here, done)
        case "stop":
            return show(here, "paused", {})
        case queries.REVIEW:
            return _review_page(here, done)
    view = done.page(here.page)
    return _question_page(here, done, view) if view else SeeOther(here.door.page_url(done.first_open))


def _start_page(here: Here) -> HttpResponse:
    done = here.progress()
    context = {
        "count": sum(question.item.is_asked for page in done.pages for question in page.questions),
        "minutes": done.instrument.minutes,
        "has_begun": bool(done.sittings),
        "action": links.address("survey", here.occurrence.selector),
        "token": here.door.token or followup_queries.link_token(here.occurrence, "survey"),
        "form_token": here.form_token(access.START),
    }
    return show(here, "start", context, is_start=True)


def _question_page(
    here: Here,
    done: queries.Progress,
    view: branching.PageView,
    *,
    form: QuestionForm | None = None,
    notices: Iterable[str] = (),
    is_stale: bool = False,
    is_busy: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Show one page: blank, or with the answers of this sitting, or with what was just sent."""
    page, door = view.key, here.door
    is_own = done.is_own(page, door.ticket.sitting)
    words = done.instrument.words(door.ticket.language)
    context = {
        "form": form or form_for(view.questions, words=words, initial=done.answers if is_own else None),
        "was_answered": not is_own and done.was_answered(page),
        "notices": [words.messages[key] for key in notices],
        "stale_form": is_stale,
        "is_busy": is_busy,
        "back_url": door.page_url(done.before(page)) if done.before(page) else "",
        "action": door.page_url(page, **_way(here)),
        "form_token": here.form_token(page),
        "progress": _progress(done, page),
    }
    return show(here, "question", context, status=status)


def _review_page(
    here: Here, done: queries.Progress, problems: Mapping[str, str] | None = None, *, is_stale: bool = False
) -> HttpResponse:
    words = done.instrument.words(here.door.ticket.language)
    lines = [
        {
            "text": branching.filled(words.items[question.item.key].text, question.piped),
            "value": _value(done, question, words, is_own=done.is_own(view.key, here.door.ticket.sitting)),
            "url": here.door.page_url(view.key, then=queries.REVIEW),
            "is_problem": question.name in (problems or {}),
        }
        for view in done.pages
        for question in view.questions
        if question.item.is_asked
    ]
    context = {
        "lines": lines,
        "has_problems": bool(problems),
        "stale_form": is_stale,
        "action": here.door.page_url(queries.REVIEW),
        "back_url": here.door.page_url(done.before(queries.REVIEW)),
        "form_token": here.form_token(queries.REVIEW),
        "progress": _progress(done, queries.REVIEW),
    }
    return show(here, "review", context, status=422 if problems or is_stale else 200)


def _value(done: queries.Progress, question: branching.Question, words: Wording, *, is_own: bool) -> str:
    """Return an answer in words; one of an earlier sitting only says that it is there."""
    answer = done.answers.get(question.name)
    if branching.is_empty(answer):
        return _("left empty")
    if not is_own:
        return _("answered")
    return in_words(question.item, words.items[question.item.key], answer)


def _progress(done: queries.Progress, page: str) -> dict[str, Any]:
    place, most = done.place(page), len(done.pages) + 1
    text = _("Page %(place)d of about %(most)d") % {"place": place, "most": most}
    return {"value": place, "max": most, "text": text}


# Doing


def _post(here: Here) -> HttpResponse:
    if len(here.request.POST.keys() - OWN_FIELDS) > MOST_ANSWERS:
        raise RequestDataTooBig
    if here.request.POST.get("do", "") == access.START:
        return _begin(here) if here.is_own_form(access.START) else _start_page(here)
    if here.occurrence.begun_at is None or not here.door.has_started:
        return _start_page(here)
    done, is_own = here.progress(), here.is_own_form(here.page)
    if is_own and here.page != queries.REVIEW and not here.may_write():  # sent in twice is once: that needs no count
        return _busy(here, done)
    if here.page == "call" and is_own:
        followup_actions.ask_for_call(occurrence=here.occurrence, actor=here.actor, now=here.moment)
        return show(here, "call_asked", {"back_url": here.door.page_url(done.first_open)})
    if here.page == queries.REVIEW:
        return _send(here, done) if is_own else _review_page(here, done, is_stale=True)
    view = done.page(here.page)
    if view is None:
        return SeeOther(here.door.page_url(done.first_open))
    return _save(here, done, view, is_own=is_own)


def _busy(here: Here, done: queries.Progress) -> HttpResponse:
    """Too many posts in a minute: nothing is stored, and what was typed stays on the page."""
    view = done.page(here.page)
    if view is None:
        return busy(here.request)
    form, grown = _bound(here, done, view)
    response = _question_page(here, done, grown, form=form, is_busy=True, status=429)
    response.headers["Retry-After"] = "60"
    return response


def _begin(here: Here) -> HttpResponse:
    """Begin, or go on; where the cookie came back the token leaves the address for good."""
    followup_actions.begin(occurrence=here.occurrence, actor=here.actor, now=here.moment)
    return SeeOther(here.door.page_url(here.progress().first_open))


def _save(here: Here, done: queries.Progress, view: branching.PageView, *, is_own: bool) -> HttpResponse:
    """Keep what was answered on one page; left untouched, the answers of an earlier sitting stay."""
    form, grown = _bound(here, done, view)
    is_earlier = done.was_answered(view.key) and not done.is_own(view.key, here.door.ticket.sitting)
    if is_own and is_earlier and _is_untouched(here, form):
        return SeeOther(here.door.page_url(done.after(view.key)))
    if not form.is_valid() or not is_own:
        return _question_page(here, done, grown, form=form, is_stale=not is_own, status=422)
    answers = answers_from(form)
    actions.save_page(
        occurrence=here.occurrence,
        page=view.key,
        answers=answers,
        sitting=here.door.ticket.sitting,
        now=here.moment,
    )
    return _after_saving(here, view.key, answers)


def _bound(here: Here, done: queries.Progress, view: branching.PageView) -> tuple[QuestionForm, branching.PageView]:
    """Return the page's form for what was sent, with the questions that its own answers open."""
    words = done.instrument.words(here.door.ticket.language)
    form = form_for(view.questions, words=words, data=here.request.POST)
    form.is_valid()
    wider = {**done.answers, **answers_from(form)}
    pages = branching.pages(done.instrument, **{**done.asking, "answers": wider})
    grown = next((page for page in pages if page.key == view.key), view)
    return form_for(grown.questions, words=words, data=here.request.POST), grown


def _is_untouched(here: Here, form: QuestionForm) -> bool:
    return not any(any(here.request.POST.getlist(name)) for name in form.fields)


def _way(here: Here) -> dict[str, str]:
    """Whoever came from the review goes back to it."""
    return {"then": queries.REVIEW} if here.request.GET.get("then") == queries.REVIEW else {}


def _next_page(here: Here, done: queries.Progress, page: str) -> str:
    return queries.REVIEW if _way(here) and done.first_open == queries.REVIEW else done.after(page)


def _after_saving(here: Here, page: str, answers: Mapping[str, Any]) -> HttpResponse:
    """Go on; first say what the answers of this page themselves call for."""
    done = here.progress()
    if page in PAGES_WITH_RULES or followup_queries.asks_intake(here.occurrence):
        fired = followup_actions.page_saved(
            occurrence=here.occurrence, answers=answers, actor=here.actor, now=here.moment
        )
        if advice := pages_of(fired):
            return SeeOther(here.door.page_url("advice", show="-".join(advice), then=_next_page(here, done, page)))
    view = done.page(page)
    seen = here.request.POST.get("seen", "").split()
    if view is not None and any(question.name not in seen for question in view.questions):
        return SeeOther(
            here.door.page_url(page, **_way(here))
        )  # an answer opened a question here that nobody has seen yet
    notices = branching.notices(done.instrument, answers)
    if view is not None and notices and not here.request.POST.get("noticed"):
        return _question_page(here, done, view, notices=notices)
    return SeeOther(here.door.page_url(_next_page(here, done, page)))


def _send(here: Here, done: queries.Progress) -> HttpResponse:
    try:
        submitted = actions.send(
            occurrence=here.occurrence, language=here.door.ticket.language, actor=here.actor, now=here.moment
        )
    except actions.Unfinished as unfinished:
        here.occurrence.refresh_from_db()
        if here.occurrence.response_id is not None:  # the other tab, or the other tap, was faster: it is the same
            return _thanks(here)
        return _review_page(here, done, unfinished.problems)
    except followup_actions.AlreadyAnswered:
        here.occurrence.refresh_from_db()
        return _thanks(here)
    except followup_actions.Closed:
        return gone(here.request, here.occurrence.selector, "survey")
    here.occurrence.refresh_from_db()
    return _thanks(here, submitted.alerts)


def _already(here: Here) -> HttpResponse:
    """A form that was sent in is thanked for; a page of answers sent after it changes nothing and is told so."""
    if here.request.method == "POST" and here.page not in ("", queries.REVIEW):
        if not here.may_write():
            return busy(here.request)
        followup_actions.refuse_second_answer(occurrence=here.occurrence, actor=here.actor)
        return show(here, "already", {}, status=409)
    return _thanks(here)


def _thanks(here: Here, fired: Iterable[Alert] = ()) -> HttpResponse:
    following = followup_queries.next_occurrence(here.occurrence)
    context = {
        "weeks": max(1, round((following.due_on - here.occurrence.due_on).days / 7)) if following else 0,
        "call_line": any(alert.patient_line == "harder" for alert in fired),
        "will_call": followup_queries.has_asked_for_call(here.occurrence),
        "advice": blocks_for(here, fired),
        "is_intake": followup_queries.asks_intake(here.occurrence),
    }
    return show(here, "thanks", context)

"""What the patient does: answers, puts off, opts out, ticks a danger; and what the therapist does about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from clinic.demo.stories.telling import Event, Tale
from clinic.demo.stories.told import Answer, Closing, Referred
from rls_module.cases import actions as case_actions
from rls_module.followups import actions as followup_actions
from rls_module.host.actor import of_token
from rls_module.intake import actions as intake_actions
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.instruments.definition import Instrument
from rls_module.surveys import actions as survey_actions

SEND_AT = time(9)
ANSWER_AT = time(19, 40)
CLOSE_AT = time(8, 20)
DUE_DAYS = {"week_6": 42, "week_12": 84}
MAIL_DAYS = (0, 3, 7, 10, 22)  # after that: the default protocol mails, reminds twice, has somebody call, closes
PHONE_PAGES = ("nights", "strength", "start", "places")  # answered on the phone before going on elsewhere
RULED_PAGES = ("new_problem", "closing")  # the only ones with answers that call for somebody at once
CALF_OUTCOME = "Called at once. Went to the emergency room the same morning: scan clear, a strain. Treatment may go on."


def events(tale: Tale) -> Iterator[Event]:
    """Yield what the patient did, and how the tasks that came of it were closed."""
    told = tale.told
    for answer in told.answers:
        yield from _answering(tale, answer)
    for one in told.closings:
        yield _at_closing(tale, one.ago), partial(_close, tale, one)
    for referred in told.referrals:
        yield _at_closing(tale, referred.ago), partial(_refer, tale, referred)
        if referred.came is not None:
            yield _at_closing(tale, referred.came[0]), partial(_hear, tale, referred)
    if told.mail_off is not None:
        yield tale.ago(told.mail_off, time(12, 5)), partial(_turn_mail_off, tale)
    if told.snoozed is not None:
        yield tale.ago(told.snoozed, time(21, 15)), partial(_snooze, tale)
    if told.calf_form is not None:
        at = tale.at(tale.workday(tale.today - timedelta(days=told.calf_form)), time(10, 12))
        yield at, partial(_tick_calf, tale)
        yield at + timedelta(minutes=35), partial(_close, tale, Closing(0, ("urgent_symptom",), CALF_OUTCOME))


def engine_moments(tale: Tale) -> Iterator[datetime]:
    """Yield the instants at which the engine has something to do for this patient."""
    if not tale.days:
        return
    for step, due in DUE_DAYS.items():
        for days in MAIL_DAYS:
            day = tale.day(due + days)
            if not _is_answered(tale, step, before=day):
                yield _morning(tale, day)
    if tale.told.snoozed is not None:
        yield _morning(tale, tale.today - timedelta(days=tale.told.snoozed - 3))


def _at_closing(tale: Tale, ago: int) -> datetime:
    """Return when the therapist sees to what waits, `ago` days ago; never later than the demo's beginning."""
    day = tale.workday(tale.today - timedelta(days=ago))
    return min(tale.at(day, CLOSE_AT), tale.now - timedelta(minutes=10))


def _morning(tale: Tale, day: date) -> datetime:
    return tale.at(day, SEND_AT) + timedelta(seconds=8)


def _is_answered(tale: Tale, step: str, *, before: date) -> bool:
    return any(one.step == step and tale.today - timedelta(days=one.ago) < before for one in tale.told.answers)


def _answering(tale: Tale, answer: Answer) -> Iterator[Event]:
    at = tale.ago(answer.ago, ANSWER_AT) + timedelta(minutes=tale.rng.randint(0, 70))
    if answer.on_two_devices:
        yield at - timedelta(days=1), partial(_save_pages, tale, answer, pages=PHONE_PAGES, sitting="phone")
    yield at, partial(_send, tale, answer)


def _save_pages(tale: Tale, answer: Answer, now: datetime, *, pages: Sequence[str], sitting: str) -> None:
    """Answer `pages` of the form, one every 15 seconds. What is not asked drops out at sending."""
    form = tale.chart.occurrences.get(step=answer.step)
    actor = of_token(form.selector)
    followup_actions.begin(occurrence=form, actor=actor, now=now)
    said = {**tale.going.sitting(answer.step).of_followup(tale.going.places), **answer.says}
    for number, page in enumerate(pages):
        items = {item.key for item in _checkin(form).items if item.page == page}
        answers = {name: value for name, value in said.items() if name.partition(".")[0] in items}
        at = now + timedelta(seconds=15 * number)
        survey_actions.save_page(occurrence=form, page=page, answers=answers, sitting=sitting, now=at)
        if page in RULED_PAGES:
            followup_actions.page_saved(occurrence=form, answers=answers, actor=actor, now=at)


def _checkin(form: Any) -> Instrument:
    [(key, version)] = form.instruments.items()
    return loading.shipped(key, version)


def _send(tale: Tale, answer: Answer, now: datetime) -> None:
    form = tale.chart.occurrences.get(step=answer.step)
    done = PHONE_PAGES if answer.on_two_devices else ()
    pages = [page for page in _checkin(form).pages if page not in done]
    _save_pages(tale, answer, now, pages=pages, sitting="evening")
    at = now + timedelta(minutes=4)
    language = tale.person.language
    survey_actions.send(occurrence=form, language=language, actor=of_token(form.selector), now=at)


def _open_form(tale: Tale) -> Any:
    """The form that waits for an answer: of those that are open the first, as the next one is not due yet."""
    return tale.chart.occurrences.filter(state="open").order_by("due_at").first()


def _turn_mail_off(tale: Tale, now: datetime) -> None:
    actor = of_token(_open_form(tale).selector)
    followup_actions.stop_mail(chart=tale.chart, source="link", actor=actor, now=now)


def _snooze(tale: Tale, now: datetime) -> None:
    form = _open_form(tale)
    followup_actions.snooze(occurrence=form, days=3, actor=of_token(form.selector), now=now)


def _tick_calf(tale: Tale, now: datetime) -> None:
    """Tick a danger on a form that is never sent in."""
    form = _open_form(tale)
    answers = {"new_problem": ["calf"]}
    patient: dict[str, Any] = {"occurrence": form, "now": now}
    followup_actions.begin(**patient, actor=of_token(form.selector))
    survey_actions.save_page(**patient, page="new_problem", answers=answers, sitting="calf-form-of-the-demo")
    followup_actions.page_saved(**patient, answers=answers, actor=of_token(form.selector))


def _close(tale: Tale, closing: Closing, now: datetime) -> None:
    tasks = tale.chart.tasks.filter(rule__in=closing.rules).exclude(state="done")
    for task in tasks.order_by("pk"):
        case_actions.close_task(task=task, seen=task.version, outcome=closing.outcome, actor=tale.actor, now=now)


def _refer(tale: Tale, told: Referred, now: datetime) -> None:
    values = {
        "to_kind": told.to_kind,
        "to_name": told.to_name,
        "urgency": told.urgency,
        "red_flags": list(told.red_flags),
        "reason": told.reason,
        "referred_on": now.astimezone(tale.zone).date(),
    }
    intake_actions.refer(case=tale.case, values=values, actor=tale.actor, now=now)


def _hear(tale: Tale, told: Referred, now: datetime) -> None:
    if told.came is None:
        return
    _ago, kind, words = told.came
    referral = tale.chart.referrals.get(to_name=told.to_name)
    values = {"kind": kind, "answered_on": now.astimezone(tale.zone).date(), "note": words}
    intake_actions.answer_referral(referral=referral, values=values, actor=tale.actor, now=now)

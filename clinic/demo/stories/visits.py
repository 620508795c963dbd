"""The treatment: every visit with its note, needles only with a consent, a second look at six weeks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from clinic.demo.stories import before
from clinic.demo.stories.hands import Session, has_needles
from clinic.demo.stories.telling import RHYTHM, Event, Tale
from clinic.models import Visit as Booking
from rls_module.cases import actions as case_actions
from rls_module.followups import actions as followup_actions
from rls_module.host import adapter
from rls_module.knowledge.safety import needling_consent
from rls_module.visits import actions as visit_actions

PLAN_AT = time(18)  # within seconds of the first treatment the engine plans what will be asked; here, that evening
CONSENT_AT, NOTE_AT, LOOKED_AT_AGAIN = (timedelta(minutes=minutes) for minutes in (4, 41, 9))
CONSENT_DAYS = 365
SECOND_LOOK_FROM = 28  # day of the treatment
LEAST_FOR_SECOND_LOOK = 6  # visits
UNWRITTEN = {"response": "", "next_time": "", "timed_minutes": None, "total_minutes": None}  # of a draft


def events(tale: Tale) -> Iterator[Event]:
    """Yield every visit, the consent before the first needles, and the examination at one of the last visits."""
    if tale.days:
        yield tale.at(tale.days[0], PLAN_AT), partial(_plan, tale)
    is_asked = False
    for number, day in enumerate(tale.days, 1):
        booking = tale.booked(day)
        if has_needles(tale.told, number) and not is_asked:
            is_asked = True
            yield booking.starts_at + CONSENT_AT, partial(_agree, tale)
        if _is_second_look(tale, number):
            yield booking.starts_at + LOOKED_AT_AGAIN, partial(_look_again, tale)
        yield booking.starts_at + NOTE_AT, partial(_treat, tale, number, booking)
    if tale.told.has_draft:
        booking = tale.booked(tale.last_workday())
        yield booking.starts_at + NOTE_AT, partial(_leave_draft, tale, booking)


def _is_second_look(tale: Tale, number: int) -> bool:
    is_late = (tale.days[number - 1] - tale.start).days >= SECOND_LOOK_FROM
    return is_late and number == len(tale.days) >= LEAST_FOR_SECOND_LOOK


def _look_again(tale: Tale, now: datetime) -> None:
    middle, baseline = tale.going.sitting("week_6"), tale.going.sitting("baseline")
    before.examine(tale, now, is_first=False, is_better=baseline.nights - middle.nights > 0)


def _plan(tale: Tale, now: datetime) -> None:
    followup_actions.plan_marked(scope=tale.patient.clinic_id, now=now)


def _agree(tale: Tale, now: datetime) -> None:
    days = tale.told.consent_days
    case_actions.give_consent(
        chart=tale.chart,
        purpose="needling",
        text_version=needling_consent.VERSION,
        language=tale.person.language,
        actor=tale.actor,
        now=now,
        expires_on=tale.date_of(now) + timedelta(days=CONSENT_DAYS if days is None else days),
        method=tale.rng.choice(("signed", "signed", "verbal")),
        note="" if days is None else "Agrees for the first weeks; wants to be asked again.",
    )


def _treat(tale: Tale, number: int, booking: Booking, now: datetime) -> None:
    since = _since(tale, number)
    done = tale.hands.session(number, since=since)
    note = _note(tale, number, done, since)
    write = partial(_write, tale, _opened(tale, booking, now), done)
    if number == tale.told.miscounted:
        visit = write({**note, "needles_out": done.needles - 1}, now)
        _refuse(tale, visit, now + timedelta(minutes=1))
    visit = write(note, now + timedelta(minutes=3))
    visit_actions.sign(visit=visit, seen=visit.version, actor=tale.actor, now=now + timedelta(minutes=4))


def _refuse(tale: Tale, visit: Any, now: datetime) -> None:
    """One needle fewer came out at first: the note cannot be signed until it is found."""
    try:
        visit_actions.sign(visit=visit, seen=visit.version, actor=tale.actor, now=now)
    except visit_actions.NotReady:
        return
    raise LookupError("a note with a needle missing was signed")


def _leave_draft(tale: Tale, booking: Booking, now: datetime) -> None:
    number = len(tale.days) + 1
    since = _since(tale, number)
    done = tale.hands.session(number, since=since)
    _write(tale, _opened(tale, booking, now), done, {**_note(tale, number, done, since), **UNWRITTEN}, now)


def _opened(tale: Tale, booking: Booking, now: datetime) -> Any:
    return visit_actions.open_draft(
        case=tale.case,
        visit_date=tale.date_of(booking.starts_at),
        actor=tale.actor,
        now=now,
        host_visit=adapter().visit_ref(booking),
        visit_started_at=booking.starts_at,
    )


def _write(tale: Tale, visit: Any, done: Session, note: Mapping[str, Any], now: datetime) -> Any:
    visit.refresh_from_db()
    return visit_actions.save_draft(
        visit=visit,
        seen=visit.version,
        note=note,
        sites=done.sites,
        points=done.points,
        exercises=done.exercises,
        actor=tale.actor,
        now=now,
    )


def _note(tale: Tale, number: int, done: Session, since: str) -> dict[str, Any]:
    note = tale.notebook.note(done, since=since, nights=_nights(tale, number), is_first=number == 1)
    return note | dict(tale.told.said.get(number, {}))


def _since(tale: Tale, number: int) -> str:
    """Return what the patient says: better, same or worse, as the nights go."""
    if (said := tale.told.said.get(number, {}).get("since_last")) is not None:
        return str(said)
    nights, before_that = _nights(tale, number), _nights(tale, max(1, number - 1))
    if nights != before_that:
        return "better" if nights < before_that else "worse"
    if number > 1 and _nights(tale, len(RHYTHM)) < _nights(tale, 1):
        return tale.rng.choice(("same", "better"))  # as many nights, but not as strong
    return "same"


def _nights(tale: Tale, number: int) -> int:
    return tale.going.nights_on(RHYTHM[number - 1])

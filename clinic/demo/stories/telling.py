"""One patient's story as dated events, each one act of a therapist or of the patient. No words, no table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from clinic.demo.people import Person
from clinic.demo.stories.courses import Course
from clinic.demo.stories.diary import Diary
from clinic.demo.stories.notes import Notebook
from clinic.demo.stories.told import Answer, Closing, Told
from clinic.models import Patient
from clinic.models import Visit as Booking
from rls_module.cases import actions as case_actions
from rls_module.followups import actions as followup_actions
from rls_module.host import adapter
from rls_module.host.actor import Actor, of_token
from rls_module.intake import actions as intake_actions
from rls_module.surveys import actions as survey_actions
from rls_module.visits import actions as visit_actions

Act = Callable[[datetime], None]
Event = tuple[datetime, Act]

RHYTHM = (0, 3, 7, 10, 14, 21, 28, 35, 45, 56)  # days of the visits: two a week at first
EVALUATED_BEFORE = 3  # days between the screen with its baseline and the first treatment
PLAN_AT = time(18)
SEND_AT = time(9)
DUE_DAYS = {"week_6": 42, "week_12": 84}
MAIL_DAYS = (0, 3, 7, 10, 22)  # after that: the default protocol mails, reminds twice, has somebody call, closes
ANSWER_AT = time(19, 40)
CLOSE_AT = time(8, 20)
PAGES = ("nights", "strength", "start", "places", "awake", "days", "activities", "new_problem", "medicines", "change")


@dataclass
class Tale:
    """A patient's story on its way through the plugin: what was opened so far is kept here for the next act."""

    told: Told
    person: Person
    patient: Patient
    therapist: User
    course: Course | None
    now: datetime
    diary: Diary
    rng: Random
    chart: Any = field(init=False)
    case: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.patient.clinic.zone)
        self.today = self.now.astimezone(self.zone).date()
        name = adapter().practitioner_name(self.therapist)
        self.actor = Actor(f"user:{self.therapist.pk}", name, self.therapist.pk)
        self.notebook = Notebook(self.rng, self.told.focus, superficial=self.told.superficial)
        self.days = self._treatment_days()

    def events(self) -> Iterator[Event]:
        """Yield what happened, in no order; nothing lies in the future."""
        yield self._evaluation()
        yield from self._visits()
        yield from (self._answered(answer) for answer in self.told.answers)
        yield from ((self._at(one.ago, CLOSE_AT), partial(self._close, one)) for one in self.told.closings)
        yield from self._choices()
        if self.told.calf_form is not None:
            at = datetime.combine(self._workday(self.told.calf_form), time(10, 12), tzinfo=self.zone)
            yield at, self._tick_calf
            yield at + timedelta(minutes=35), self._close_calf

    def engine_days(self) -> Iterator[datetime]:
        """Yield the instants at which the engine has something to do for this patient."""
        if not self.days:
            return
        for step, due in DUE_DAYS.items():
            for days in MAIL_DAYS:
                day = self.days[0] + timedelta(days=due + days)
                if not self._is_answered(step, before=day):
                    yield self._morning(day)
        if self.told.snoozed is not None:
            yield self._morning(self.today - timedelta(days=self.told.snoozed - 3))

    def _is_answered(self, step: str, *, before: date) -> bool:
        return any(one.step == step and self.today - timedelta(days=one.ago) < before for one in self.told.answers)

    # When

    def _treatment_days(self) -> list[date]:
        if self.told.first is None:
            return []
        first = self.today - timedelta(days=self.told.first)
        first = first if self.told.is_exact else _before_weekend(first)
        later = (_after_weekend(first + timedelta(days=days)) for days in RHYTHM[1 : self.told.visits])
        return [first, *(day for day in later if day < self._last_workday())]

    def _last_workday(self) -> date:
        return _before_weekend(self.today - timedelta(days=1))

    def _workday(self, ago: int) -> date:
        return _after_weekend(self.today - timedelta(days=ago))

    def _at(self, ago: int, at: time) -> datetime:
        return datetime.combine(self.today - timedelta(days=ago), at, tzinfo=self.zone)

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, SEND_AT, tzinfo=self.zone) + timedelta(seconds=8)

    # The screen and the baseline

    def _evaluation(self) -> Event:
        ago = EVALUATED_BEFORE if self.days else self.told.screened
        day = _before_weekend((self.days[0] if self.days else self.today) - timedelta(days=ago))
        booking = self._booked(day)
        return booking.starts_at + timedelta(minutes=12), self._evaluate

    def _evaluate(self, now: datetime) -> None:
        self.chart = case_actions.open_chart(patient=self.patient, actor=self.actor, now=now)
        screen = self._screen(now)
        decided = partial(intake_actions.decide, screen=screen, actor=self.actor, now=now, on=self._day(now))
        if self.course is None:
            decided(decision="not_rls", note=self.told.declined_because)
            return
        reason = "primary" if self.course.is_primary else "incidental"
        self.case = decided(decision="open_case", reason=reason, note=self.told.opening)
        baseline = self.course.sittings[0]
        intake_actions.record_baseline(
            case=self.case,
            answers=baseline.answers() | {"places": list(self.course.places)},
            activities=self.course.activities,
            scores=baseline.activities,
            language=self.person.language,
            actor=self.actor,
            now=now + timedelta(minutes=6),
        )
        self._agree(now + timedelta(minutes=7))

    def _screen(self, now: datetime) -> Any:
        if self.told.known:
            return intake_actions.record_known(chart=self.chart, actor=self.actor, now=now)
        nights = {"s5_nights": self.course.sittings[0].nights} if self.course else {}
        return intake_actions.record_screen(
            chart=self.chart,
            answers={**self.told.screen, **nights},
            language=self.person.language,
            actor=self.actor,
            now=now,
        )

    def _agree(self, now: datetime) -> None:
        case_actions.give_consent(
            chart=self.chart,
            purpose="email",
            text_version="1",
            language=self.person.language,
            actor=self.actor,
            now=now,
        )

    # The visits

    def _visits(self) -> Iterator[Event]:
        if self.days:
            yield datetime.combine(self.days[0], PLAN_AT, tzinfo=self.zone), self._plan
        for number, day in enumerate(self.days, 1):
            booking = self._booked(day)
            yield booking.starts_at + timedelta(minutes=47), partial(self._treat, number, booking)
        if self.told.has_draft:
            booking = self._booked(self._last_workday())
            yield booking.starts_at + timedelta(minutes=44), partial(self._leave_draft, booking)

    def _treat(self, number: int, booking: Booking, now: datetime) -> None:
        sites = [] if number in self.told.bare else self.notebook.sites()
        visit = self._write(number, booking, now, sites, self._note(number, sites))
        visit_actions.sign(visit=visit, seen=visit.version, actor=self.actor, now=now + timedelta(minutes=3))

    def _plan(self, now: datetime) -> None:
        """What the engine does within seconds of the first treatment."""
        followup_actions.plan_marked(scope=self.patient.clinic_id, now=now)

    def _leave_draft(self, booking: Booking, now: datetime) -> None:
        sites = self.notebook.sites()
        note = self._note(len(self.days) + 1, sites) | {"response": "", "next_time": "", "timed_minutes": None}
        self._write(len(self.days) + 1, booking, now, sites, note)

    def _write(self, number: int, booking: Booking, now: datetime, sites: list[Any], note: Mapping[str, Any]) -> Any:
        visit = visit_actions.open_draft(
            case=self.case,
            visit_date=self._day(booking.starts_at),
            actor=self.actor,
            now=now,
            host_visit=adapter().visit_ref(booking),
            visit_started_at=booking.starts_at,
        )
        said = self.told.said.get(number, {})
        return visit_actions.save_draft(
            visit=visit, seen=visit.version, note={**note, **said}, sites=sites, actor=self.actor, now=now
        )

    def _note(self, number: int, sites: list[Any]) -> dict[str, Any]:
        nights, before = self._nights(number), self._nights(max(1, number - 1))
        since = "better" if nights < before else "worse" if nights > before else "same"
        if (said := self.told.said.get(number, {}).get("since_last")) is not None:
            since = said
        elif since == "same" and number > 1 and self._nights(len(RHYTHM)) < self._nights(1):
            since = self.rng.choice(("same", "better"))  # as many nights, but not as strong
        return self.notebook.note(sites, since=since, nights=nights, is_first=number == 1)

    def _nights(self, number: int) -> int:
        assert self.course is not None  # noqa: S101  whoever is treated has a course
        return self.course.nights_on(RHYTHM[number - 1])

    # What the patient does

    def _answered(self, answer: Answer) -> Event:
        return self._at(answer.ago, ANSWER_AT) + timedelta(minutes=self.rng.randint(0, 70)), partial(self._send, answer)

    def _send(self, answer: Answer, now: datetime) -> None:
        assert self.course is not None  # noqa: S101  as above
        occurrence = self.chart.occurrences.get(step=answer.step)
        answers = {**self.course.sitting(answer.step).of_followup(self.course.places), **answer.says}
        patient = {"occurrence": occurrence, "actor": of_token(occurrence.selector)}
        followup_actions.begin(**patient, now=now)
        followup_actions.page_saved(**patient, answers=answers, now=now + timedelta(minutes=3))
        followup_actions.submit(
            **patient,
            answers=answers,
            reached=[*PAGES, "closing"],
            language=self.person.language,
            mode="self_web",
            now=now + timedelta(minutes=4),
        )

    def _choices(self) -> Iterator[Event]:
        if self.told.mail_off is not None:
            yield self._at(self.told.mail_off, time(12, 5)), self._turn_mail_off
        if self.told.snoozed is not None:
            yield self._at(self.told.snoozed, time(21, 15)), self._snooze

    def _turn_mail_off(self, now: datetime) -> None:
        actor = of_token(self._open_form().selector)
        followup_actions.stop_mail(chart=self.chart, source="link", actor=actor, now=now)

    def _snooze(self, now: datetime) -> None:
        form = self._open_form()
        followup_actions.snooze(occurrence=form, days=3, actor=of_token(form.selector), now=now)

    def _open_form(self) -> Any:
        """The form that waits for an answer: of those that are open the first, as the next one is not due yet."""
        return self.chart.occurrences.filter(state="open").order_by("due_at").first()

    def _tick_calf(self, now: datetime) -> None:
        """Tick a danger on a form that is never sent in."""
        form = self._open_form()
        answers = {"new_problem": ["calf"]}
        patient = {"occurrence": form, "now": now}
        followup_actions.begin(**patient, actor=of_token(form.selector))
        survey_actions.save_page(**patient, page="new_problem", answers=answers, sitting="calf-form-of-the-demo")
        followup_actions.page_saved(**patient, answers=answers, actor=of_token(form.selector))

    # What the therapist does about it

    def _close(self, closing: Closing, now: datetime) -> None:
        tasks = self.chart.tasks.filter(rule__in=closing.rules).exclude(state="done")
        for task in tasks.order_by("pk"):
            case_actions.close_task(task=task, seen=task.version, outcome=closing.outcome, actor=self.actor, now=now)

    def _close_calf(self, now: datetime) -> None:
        outcome = (
            "Called at once. Went to the emergency room the same morning: scan clear, a strain. Treatment may go on."
        )
        self._close(Closing(0, ("urgent_symptom",), outcome), now)

    def _booked(self, day: date) -> Booking:
        return self.diary.book(self.patient, self.therapist, day, self.person.reason)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def _before_weekend(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _after_weekend(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)  # noqa: PLR2004


def utc(moment: datetime) -> datetime:
    """Return the same instant in UTC, as the plugin keeps it."""
    return moment.astimezone(UTC)

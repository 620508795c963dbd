"""One patient's story on its way through the plugin: what every act of it needs to know, and when things were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from clinic.demo.people import Person
from clinic.demo.stories import sayings
from clinic.demo.stories.courses import Course
from clinic.demo.stories.diary import Diary
from clinic.demo.stories.hands import Hands
from clinic.demo.stories.notes import Notebook
from clinic.demo.stories.told import Told
from clinic.models import Patient
from clinic.models import Visit as Booking
from rls_module.host import adapter
from rls_module.host.actor import Actor

Act = Callable[[datetime], None]
Event = tuple[datetime, Act]

RHYTHM = (0, 3, 7, 10, 14, 21, 28, 35, 45, 56)  # days of the visits: two a week at first
EVALUATED_BEFORE = 3  # days between the evaluation with its intake and the first treatment
LONGEST = 63  # days of treatment; later ones come for a review only
AFTER_THE_LAST = time(17, 10)  # when the therapist writes up what the day brought


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
    library: Mapping[str, Any]  # the clinic's exercises by their keys
    says: Mapping[str, Any]  # the answers to the intake
    chart: Any = field(init=False)
    case: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.patient.clinic.zone)
        self.today = self.now.astimezone(self.zone).date()
        name = adapter().practitioner_name(self.therapist)
        self.actor = Actor(f"user:{self.therapist.pk}", name, self.therapist.pk)
        self.notebook = Notebook(self.rng)
        self.hands = Hands(self.rng, self.told, self.library)
        self.cues = sayings.cues(self.rng, self.person.language)
        self.days = self._treatment_days()
        self.evaluated_on = self._evaluation_day()

    @property
    def start(self) -> date:
        """The day of the first treatment, be it still to come."""
        return self.days[0] if self.days else self.evaluated_on + timedelta(days=EVALUATED_BEFORE)

    @property
    def going(self) -> Course:
        """The course of a patient who has one; whoever is treated or answers has."""
        if self.course is None:
            raise LookupError("this story has no course")
        return self.course

    @property
    def is_coming(self) -> bool:
        """True for a patient who has appointments to come."""
        planned = self.told.planned
        is_going_on = planned is not None and planned.ended is None and planned.held is None
        return is_going_on and (self.told.first is None or self.told.first < LONGEST)

    # When

    def day(self, number: int) -> date:
        """Return the date of a day of the treatment, 0 being the first."""
        return self.start + timedelta(days=number)

    def ago(self, days: int, at: time) -> datetime:
        """Return an instant so many days before today."""
        return self.at(self.today - timedelta(days=days), at)

    def at(self, day: date, at: time) -> datetime:
        """Return an instant by the clinic's clock."""
        return datetime.combine(day, at, tzinfo=self.zone)

    def date_of(self, moment: datetime) -> date:
        """Return the clinic's date at an instant."""
        return moment.astimezone(self.zone).date()

    def workday(self, day: date) -> date:
        """Return the day, or the Monday after it."""
        return after_weekend(day)

    def last_workday(self) -> date:
        """Return the last working day before today."""
        return before_weekend(self.today - timedelta(days=1))

    def told_on(self, number: int) -> date:
        """Return when the therapist hears of what happened on a day of the treatment: next visit, or by phone."""
        day = self.day(number)
        return next((one for one in self.days if one >= day), self.workday(day + timedelta(days=2)))

    def _treatment_days(self) -> list[date]:
        if self.told.first is None:
            return []
        first = self.today - timedelta(days=self.told.first)
        first = first if self.told.is_exact else before_weekend(first)
        later = (after_weekend(first + timedelta(days=days)) for days in RHYTHM[1 : self.told.visits])
        return [first, *(day for day in later if day < self.last_workday())]

    def _evaluation_day(self) -> date:
        if self.days:
            return before_weekend(self.days[0] - timedelta(days=EVALUATED_BEFORE))
        return before_weekend(self.today - timedelta(days=self.told.screened))

    # The book

    def booked(self, day: date) -> Booking:
        """Return the patient's appointment on a day before today."""
        return self.diary.book(self.patient, self.therapist, day, self.person.reason)


def before_weekend(day: date) -> date:
    """Return the day, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def after_weekend(day: date) -> date:
    """Return the day, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)  # noqa: PLR2004


def utc(moment: datetime) -> datetime:
    """Return the same instant in UTC, as the plugin keeps it."""
    return moment.astimezone(UTC)

"""Tells the patients' stories through the plugin's own actions, day by day, with the engine at work in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction

from clinic.demo import past, people
from clinic.demo.stories import before, courses, diary, intakes, patient, planning, visits
from clinic.demo.stories.cast import CAST
from clinic.demo.stories.telling import Event, Tale, utc
from clinic.demo.stories.told import Told
from clinic.models import Patient
from rls_module import engine

__all__ = ["CAST", "seed"]

SEED = "synthetic patients"


@transaction.atomic
def seed(now: datetime) -> None:
    """Play every story of the cast up to `now`, on a clinic that `seed_host(now)` and `rls_setup` made.

    The same `now` gives the same stories. Mails go to the mail backend in the order and with the dates they had.
    """
    tales = _tales(now)
    for at, act in sorted(_events(tales, now), key=lambda event: event[0]):
        with past.standing_at(at):
            act(at)
    _keep_the_book(tales)


def _tales(now: datetime) -> list[Tale]:
    users = {user.username: user for user in User.objects.all()}
    patients = {(row.clinic_id, row.full_name): row for row in Patient.objects.select_related("clinic")}
    _make_room([patients[told.place, told.name] for told in CAST], now)
    book = diary.Diary()
    libraries = {place.slug: _library(place.slug) for place in people.PLACES}
    tales = []
    for told in CAST:
        person = _person(told)
        rng = Random(f"{SEED}: {told.place}, {told.name}")  # noqa: S311  the same demo each time, no secret
        course = _course(told, person, rng)
        tales.append(
            Tale(
                told=told,
                person=person,
                patient=patients[told.place, told.name],
                therapist=users[person.therapist],
                course=course,
                now=now,
                diary=book,
                rng=rng,
                library=libraries[told.place],
                says=intakes.answers(told, person, course, rng),
            )
        )
    return tales


def _library(scope: str) -> dict[str, Any]:
    exercises = apps.get_model("rls_module", "Exercise").objects.filter(scope=scope)
    return {exercise.key: exercise for exercise in exercises}


def _make_room(patients: Sequence[Patient], now: datetime) -> None:
    for place in people.PLACES:
        own = [patient for patient in patients if patient.clinic_id == place.slug]
        zone = ZoneInfo(place.zone)
        diary.clear_past(own, datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone))


def _person(told: Told) -> people.Person:
    return next(one for one in people.PATIENTS[told.place] if f"{one.given} {one.family}" == told.name)


def _course(told: Told, person: people.Person, rng: Random) -> courses.Course | None:
    """The course of the person's story; the first person of a story has its own numbers. A mimic has none."""
    course = courses.COURSES.get(person.story)
    worked = next(one for one in people.RIVERSIDE if one.story == person.story)
    if course is None or person is worked:
        return course
    return replace(courses.varied(course, rng), activities=told.named or course.activities)


def _events(tales: Sequence[Tale], now: datetime) -> Iterator[Event]:
    for tale in tales:
        for room in (before, planning, visits, patient):
            yield from ((utc(at), act) for at, act in room.events(tale))
    moments = {utc(at) for tale in tales for at in patient.engine_moments(tale)}
    yield from ((at, _tick) for at in sorted({*(at for at in moments if at <= now), now}))


def _tick(at: datetime) -> None:
    engine.turn(now=at)


def _keep_the_book(tales: Sequence[Tale]) -> None:
    """Leave in the book who is in treatment, and put those into today whom a newcomer should meet."""
    for tale in tales:
        morning = tale.at(tale.today, time())
        clear = diary.clear_day if tale.is_coming else diary.clear_from
        clear(tale.patient, morning)
    for tale in tales:
        if (slot := tale.told.slot_today) is not None:
            diary.come_today(tale.patient, tale.therapist, tale.now, slot, tale.person.reason)

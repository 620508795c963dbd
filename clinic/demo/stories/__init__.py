"""Tells the patients' stories through the plugin's own actions, day by day, with the engine at work in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from random import Random
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction

from clinic.demo import past, people
from clinic.demo.stories import courses, diary, hillcrest, riverside
from clinic.demo.stories.telling import Event, Tale, utc
from clinic.demo.stories.told import Told
from clinic.models import Patient
from rls_module.followups import actions as followup_actions

SEED = "synthetic patients"
CAST = (*riverside.RIVERSIDE, *hillcrest.HILLCREST)


@transaction.atomic
def seed(now: datetime) -> None:
    """Play every story of the cast up to `now`, on a clinic that `seed_host(now)` and `rls_setup` made.

    The same `now` gives the same stories. Mails go to the mail backend in the order and with the dates they had.
    """
    tales = _tales(now)
    for at, act in sorted(_events(tales, now), key=lambda event: event[0]):
        with past.standing_at(at):
            act(at)
    _fill_today(tales)


def _tales(now: datetime) -> list[Tale]:
    users = {user.username: user for user in User.objects.all()}
    patients = {(row.clinic_id, row.full_name): row for row in Patient.objects.select_related("clinic")}
    _make_room([patients[told.place, told.name] for told in CAST], now)
    book = diary.Diary()
    tales = []
    for told in CAST:
        person = _person(told)
        rng = Random(f"{SEED}: {told.place}, {told.name}")  # noqa: S311  the same demo each time, no secret
        tales.append(
            Tale(
                told=told,
                person=person,
                patient=patients[told.place, told.name],
                therapist=users[person.therapist],
                course=_course(person, rng),
                now=now,
                diary=book,
                rng=rng,
            )
        )
    return tales


def _make_room(patients: Sequence[Patient], now: datetime) -> None:
    for place in people.PLACES:
        own = [patient for patient in patients if patient.clinic_id == place.slug]
        zone = ZoneInfo(place.zone)
        diary.clear_past(own, datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone))


def _person(told: Told) -> people.Person:
    return next(one for one in people.PATIENTS[told.place] if f"{one.given} {one.family}" == told.name)


def _course(person: people.Person, rng: Random) -> courses.Course | None:
    """The course of the person's story; the first person of a story has its own numbers. A mimic has none."""
    course = courses.COURSES.get(person.story)
    worked = next(one for one in people.RIVERSIDE if one.story == person.story)
    return course if course is None or person is worked else courses.varied(course, rng)


def _events(tales: Sequence[Tale], now: datetime) -> Iterator[Event]:
    for tale in tales:
        yield from ((utc(at), act) for at, act in tale.events())
    moments = {utc(at) for tale in tales for at in tale.engine_days()}
    yield from ((at, _tick) for at in sorted({*(at for at in moments if at <= now), now}))


def _tick(at: datetime) -> None:
    followup_actions.tick(now=at)


def _fill_today(tales: Sequence[Tale]) -> None:
    """Put those into today's book whom a newcomer should meet."""
    for tale in tales:
        if tale.told.slot_today is not None:
            diary.move_to_today(tale.patient, tale.therapist, tale.today, tale.told.slot_today)

"""Writes the demo's host rows: clinics, accounts, patients and the appointment book around `now`. No clinical story."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Permission, User
from django.db import transaction

from clinic.demo import people
from clinic.models import Clinic, Patient, Sex, Staff, Visit, VisitStatus

DAYS_BACK, DAYS_AHEAD = 7, 14
HOURS = (time(8, 30), time(9, 15), time(10), time(10, 45), time(11, 30), time(13, 30), time(14, 15))
NEW_TODAY = time(10, 45)
VISIT_TAKES = timedelta(minutes=45)
SATURDAY = 5


@transaction.atomic
def seed_host(now: datetime) -> None:
    """Fill an empty database with the clinics, staff, patients and visits of the demo, as they stand at `now`."""
    clinics = {place.slug: _clinic(place) for place in people.PLACES}
    accounts = {colleague.username: _account(colleague, clinics) for colleague in people.STAFF}
    for place in people.PLACES:
        patients = _patients(place, clinics[place.slug], accounts, today=_today(now, place))
        _book(place, patients, accounts, now)


def _clinic(place: people.Place) -> Clinic:
    return Clinic.objects.create(
        slug=place.slug,
        name=place.name,
        mail_name=place.mail_name,
        phone=place.phone,
        zone=place.zone,
        accent=place.accent,
    )


def _account(colleague: people.Colleague, clinics: dict[str, Clinic]) -> User:
    """Make an account that nobody can sign in to yet: the demo's start sets the password."""
    user = User(
        username=colleague.username,
        first_name=colleague.given,
        last_name=colleague.family,
        email=f"{colleague.username}@example.org",
        is_staff=colleague.role == people.Role.CLINIC_ADMIN,
    )
    user.set_unusable_password()
    user.save()
    Staff.objects.create(
        user=user, clinic=clinics[colleague.clinic], role=colleague.role, printed_name=colleague.printed_name
    )
    if user.is_staff:
        # Django admin asks for these first; what may be seen of the plugin is decided by its own gate.
        labels = ["clinic", "rls_module"]
        allowed = Permission.objects.filter(content_type__app_label__in=labels).exclude(codename__startswith="delete_")
        user.user_permissions.set(allowed)
    return user


def _patients(
    place: people.Place, clinic: Clinic, accounts: dict[str, User], *, today: date
) -> list[tuple[people.Person, Patient]]:
    made = []
    for number, person in enumerate(people.PATIENTS[place.slug]):
        patient = Patient.objects.create(
            clinic=clinic,
            record_number=f"{place.record_prefix}-{place.first_record + number}",
            given=person.given,
            family=person.family,
            born=_birthday(person, number, today),
            sex=Sex.FEMALE if person.sex == "f" else Sex.MALE,
            email=person.address,
            phone=f"555-{place.first_phone + number:04d}",
            language=person.language,
            archived=person.is_archived,
        )
        patient.therapists.add(accounts[person.therapist])
        made.append((person, patient))
    return made


def _birthday(person: people.Person, number: int, today: date) -> date:
    """A day on which somebody of this age was born, well away from the next birthday."""
    day = today - timedelta(days=20 + number * 17 % 300)
    return day.replace(year=day.year - person.age, day=min(day.day, 28))


def _book(
    place: people.Place, patients: list[tuple[people.Person, Patient]], accounts: dict[str, User], now: datetime
) -> None:
    """Fill the appointment book: every working day and today, each therapist's patients in turn."""
    for username in sorted({person.therapist for person, _ in patients}):
        own = [(person, patient) for person, patient in patients if person.therapist == username]
        in_care = [pair for pair in own if not pair[0].is_archived and pair[0].story != "mimic"]
        turn = 0
        for day in _working_days(_today(now, place)):
            for at in HOURS:
                person, patient = _whose_turn(in_care, turn, is_today=day == _today(now, place), at=at)
                turn += 1
                starts_at = datetime.combine(day, at, tzinfo=ZoneInfo(place.zone)).astimezone(UTC)
                Visit.objects.create(
                    clinic_id=place.slug,
                    patient=patient,
                    therapist=accounts[username],
                    starts_at=starts_at,
                    reason=person.reason,
                    status=status_at(starts_at, now),
                )


def _whose_turn(
    in_care: list[tuple[people.Person, Patient]], turn: int, *, is_today: bool, at: time
) -> tuple[people.Person, Patient]:
    """The next in turn; but today, one patient who is here for something else has a fixed place in the morning."""
    others = [pair for pair in in_care if not pair[0].story]
    if is_today and at == NEW_TODAY and others:
        return others[0]
    told = [pair for pair in in_care if pair[0].story] if is_today else in_care
    return told[turn % len(told)]


def status_at(starts_at: datetime, now: datetime) -> VisitStatus:
    """Return how a visit of the book stands at `now`."""
    if starts_at > now:
        return VisitStatus.PLANNED
    return VisitStatus.ARRIVED if now - starts_at < VISIT_TAKES else VisitStatus.DONE


def _working_days(today: date) -> Iterator[date]:
    for offset in range(-DAYS_BACK, DAYS_AHEAD + 1):
        day = today + timedelta(days=offset)
        if day.weekday() < SATURDAY or day == today:
            yield day


def _today(now: datetime, place: people.Place) -> date:
    return now.astimezone(ZoneInfo(place.zone)).date()

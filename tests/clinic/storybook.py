"""Builds the demo's data and reads it out of the database again, as plain values that two builds can be compared by."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core import mail
from django.core.mail.backends import locmem
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from clinic import environment
from clinic.demo import mailboxes, people, seed, stories
from clinic.models import Visit
from rls_module.cases.models import Chart, Measurement
from rls_module.followups.models import Occurrence

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # a Monday, 10:00 in New York
SUNDAY = datetime(2027, 3, 14, 14, tzinfo=UTC)  # the day on which New York's clocks change


class Outbox(locmem.EmailBackend):
    """Keeps mails as the tests' own backend does, and refuses the mailboxes that the demo's server refuses."""

    def send_messages(self, messages: Sequence[Any]) -> int:
        for message in messages:
            mailboxes.check(message.recipients())
        return super().send_messages(messages)


@dataclass(frozen=True)
class Note:
    """One visit as it stands: words, and what was done by kind."""

    on: date
    status: str
    words: tuple[str, ...]
    reaction: str
    minutes: tuple[Any, Any]
    sites: tuple[tuple[Any, ...], ...]
    points: tuple[tuple[Any, ...], ...]
    exercises: tuple[tuple[Any, ...], ...]

    @property
    def needles(self) -> int:
        return sum(site[3] for site in self.sites)


@dataclass(frozen=True)
class Told:
    """What became of one patient, without the random halves of links and row ids: two builds can be compared."""

    screens: tuple[tuple[str, str], ...]
    opening: str
    consents: tuple[tuple[str, date | None], ...]
    intakes: tuple[str, ...]
    answered: Mapping[str, Any]
    criteria: tuple[tuple[Any, ...], ...]
    iron: tuple[tuple[Any, ...], ...]
    medicines: tuple[tuple[Any, ...], ...]
    examined: tuple[tuple[Any, ...], ...]
    plans: tuple[tuple[Any, ...], ...]
    modalities: tuple[str, ...]
    goals: tuple[tuple[Any, ...], ...]
    programme: tuple[tuple[Any, ...], ...]
    values: Mapping[str, Mapping[str, float]]
    derived: frozenset[str]
    comments: tuple[str, ...]
    visits: tuple[Note, ...]
    asked: Mapping[str, str]
    deliveries: tuple[tuple[Any, ...], ...]
    tasks: tuple[tuple[Any, ...], ...]
    has_mail_off: bool

    @property
    def open_tasks(self) -> list[str]:
        return sorted(rule for rule, state, *_ in self.tasks if state != "done")

    @property
    def closed_tasks(self) -> list[str]:
        return sorted(rule for rule, state, *_ in self.tasks if state == "done")

    @property
    def signed(self) -> list[Note]:
        return [note for note in self.visits if note.status == "signed"]

    @property
    def verdict(self) -> str:
        return self.criteria[-1][0] if self.criteria else ""


@dataclass(frozen=True)
class Demo:
    """A whole demo, read out of the database."""

    told: Mapping[str, Told]
    mails: tuple[tuple[str, str, str, str], ...]
    bookings: tuple[tuple[Any, ...], ...]


def built(now: datetime, blocker: Any) -> Demo:
    """Build the demo's data as it is at `now`, read it, and take it back."""
    outbox = environment.mail({"EMAIL_BACKEND": f"{__name__}.Outbox"}, timeout=5)
    with blocker.unblock(), override_settings(**outbox), transaction.atomic():
        mail.outbox = []
        seed.seed_host(now)
        call_command("rls_setup", stdout=io.StringIO())
        stories.seed(now)
        try:
            return Demo(
                {chart.patient.full_name: read(chart) for chart in Chart.objects.select_related("patient")},
                tuple(as_sent(message) for message in mail.outbox),
                tuple(
                    Visit.objects.order_by("starts_at", "therapist_id").values_list(
                        "starts_at", "therapist__username", "patient__given", "patient__family"
                    )
                ),
            )
        finally:
            transaction.set_rollback(True)


def as_sent(message: Any) -> tuple[str, str, str, str]:
    """The mail without the random part of its links."""
    lines = [line for line in message.body.splitlines() if "http" not in line]
    return message.to[0], message.subject, "\n".join(lines), message.alternatives[0][0]


def read(chart: Chart) -> Told:
    occurrences = list(Occurrence.objects.filter(chart=chart).order_by("due_at").select_related("response"))
    responses = {"baseline": chart.responses.filter(phase="baseline", instruments__has_key="rls_checkin").first()}
    responses |= {row.step: row.response for row in occurrences}
    found = {step: row for step, row in responses.items() if row is not None}
    values = {step: Measurement.objects.filter(response=row, subject="") for step, row in found.items()}
    plans = list(chart.plans.order_by("number"))
    [case] = chart.cases.all()
    return Told(
        screens=tuple(chart.screens.order_by("pk").values_list("result", "decision")),
        opening=case.opening_note,
        consents=tuple(chart.consents.filter(withdrawn_at=None).order_by("pk").values_list("purpose", "expires_on")),
        intakes=tuple(chart.intakes.order_by("pk").values_list("status", flat=True)),
        answered={name: value for row in chart.intakes.all() for name, value in row.answers.items()},
        criteria=tuple(chart.criteria_reviews.order_by("pk").values_list("result", "reasons", "course", "e5_reason")),
        iron=tuple(chart.lab_panels.order_by("pk").values_list("flag", "modifiers", "canonical", "collected_on")),
        medicines=tuple(
            chart.medications.order_by("pk").values_list("name", "code", "started_on", "changed_on", "stopped_on")
        ),
        examined=tuple(
            (row.nerve_vessel, row.red_flags, tuple(row.findings.order_by("position").values_list("place", "grade")))
            for row in chart.assessments.order_by("pk")
        ),
        plans=tuple((row.status, row.planned_sessions, row.review_on, row.signed_at is not None) for row in plans),
        modalities=tuple(plans[0].interventions.order_by("position").values_list("modality", flat=True))
        if plans
        else (),
        goals=tuple(plans[0].goals.order_by("position").values_list("text", "baseline", "target")) if plans else (),
        programme=tuple(chart.prescriptions.order_by("pk").values_list("name", "days_per_week", "started_on")),
        values={step: {row.measure.partition(":")[2]: row.value for row in rows} for step, rows in values.items()},
        derived=frozenset(f"{step}.{row.measure}" for step, rows in values.items() for row in rows if row.derived),
        comments=tuple(row.answers.get("rls_checkin.comment", "") for row in found.values()),
        visits=tuple(note_of(row) for row in chart.visits.order_by("visit_date")),
        asked={row.step: row.state for row in occurrences},
        deliveries=tuple(
            (row.step, one.kind, one.ordinal, one.state, one.state_reason, one.sent_at, one.language)
            for row in occurrences
            for one in row.deliveries.order_by("due_at", "kind")
        ),
        tasks=tuple(
            chart.tasks.order_by("created_at", "rule").values_list(
                "rule", "state", "kind", "created_at", "due_at", "outcome", "closed_at"
            )
        ),
        has_mail_off=hasattr(chart, "preference") and chart.preference.mail_off_at is not None,
    )


def note_of(row: Any) -> Note:
    sites = row.needling_sites.order_by("position")
    points = row.fascial_points.order_by("position")
    exercises = row.exercises.order_by("position")
    return Note(
        on=row.visit_date,
        status=row.status,
        words=(row.findings, row.response, row.next_time),
        reaction=row.reaction,
        minutes=(row.timed_minutes, row.total_minutes),
        sites=tuple(sites.values_list("muscle", "side", "technique", "needles_in", "minutes")),
        points=tuple(points.values_list("point", "side", "palpation_before", "palpation_after", "minutes")),
        exercises=tuple(exercises.values_list("name", "minutes")),
    )


def person(name: str) -> people.Person:
    """Who plays the story of this name."""
    everybody = (one for place in people.PATIENTS.values() for one in place)
    return next(one for one in everybody if f"{one.given} {one.family}" == name)


def stage_of(told: Told) -> str:
    """Where a patient stands at NOW."""
    if not told.signed:
        return "closed with letter" if told.verdict == "NOT_MET" else "before treatment"
    day = (NOW.date() - told.signed[0].on).days
    return "in care" if day < 42 else "past week 6" if day < 84 else "past week 12"

"""Builds the demo's data and reads it out of the database again, as plain values that two builds can be compared by."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import mail
from django.core.management import call_command
from django.db import transaction

from clinic.demo import seed, stories
from clinic.models import Visit
from rls_module.cases.models import Chart, Measurement
from rls_module.followups.models import Occurrence


@dataclass(frozen=True)
class Told:
    """What became of one patient, without the random halves of links and row ids: two builds can be compared."""

    screens: tuple[tuple[str, str], ...]
    consents: tuple[str, ...]
    values: Mapping[str, Mapping[str, float]]
    derived: frozenset[str]
    comments: tuple[str, ...]
    visits: tuple[tuple[Any, ...], ...]
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
    def signed(self) -> list[tuple[Any, ...]]:
        return [visit for visit in self.visits if visit[1] == "signed"]

    @property
    def needled(self) -> list[tuple[Any, ...]]:
        return [visit for visit in self.signed if visit[-1]]


@dataclass(frozen=True)
class Demo:
    """A whole demo, read out of the database."""

    told: Mapping[str, Told]
    mails: tuple[tuple[str, str, str, str], ...]
    bookings: tuple[tuple[Any, ...], ...]


def built(now: datetime, blocker: Any) -> Demo:
    """Build the demo's data as it is at `now`, read it, and take it back."""
    with blocker.unblock(), transaction.atomic():
        mail.outbox = []
        seed.seed_host(now)
        call_command("rls_setup", stdout=io.StringIO())
        stories.seed(now)
        try:
            return Demo(
                {chart.patient.full_name: read(chart) for chart in Chart.objects.select_related("patient")},
                tuple(as_sent(message) for message in mail.outbox),
                tuple(Visit.objects.order_by("starts_at", "therapist_id").values_list("starts_at", "patient__family")),
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
    return Told(
        screens=tuple(chart.screens.values_list("result", "decision")),
        consents=tuple(chart.consents.filter(withdrawn_at=None).values_list("purpose", flat=True)),
        values={step: {row.measure.partition(":")[2]: row.value for row in rows} for step, rows in values.items()},
        derived=frozenset(f"{step}.{row.measure}" for step, rows in values.items() for row in rows if row.derived),
        comments=tuple(row.answers.get("rls_checkin.comment", "") for row in found.values()),
        visits=tuple(visit_of(row) for row in chart.visits.order_by("visit_date")),
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


def visit_of(row: Any) -> tuple[Any, ...]:
    sites = row.needling_sites.order_by("position").values_list("muscle", "side", "technique", "needles_in", "minutes")
    return row.visit_date, row.status, row.findings, row.response, row.next_time, row.reaction, tuple(sites)

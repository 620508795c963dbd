"""May it still go? Every question is asked again inside the claim, from the live state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rls_module.followups import emails, queries
from rls_module.followups.models import Delivery, Occurrence
from rls_module.host import adapter

State = Delivery.State


@dataclass(frozen=True, slots=True)
class Send:
    """It goes: to this address, in this language."""

    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Drop:
    """It does not go, and why."""

    state: str
    reason: str


def decide(row: Delivery, now: datetime) -> Send | Drop:
    """Say from the live state whether a claimed row may go: every question is asked again here."""
    occurrence = row.occurrence
    chart = row.chart
    if over := _over(occurrence, now):
        return Drop(State.CANCELLED, over)
    if not adapter().is_active(chart.patient):
        return Drop(State.SUPPRESSED, "inactive")
    if queries.has_mail_off(chart):
        return Drop(State.SUPPRESSED, "opted_out")
    if not queries.may_mail(chart):
        return Drop(State.SUPPRESSED, "no_consent")
    address = adapter().email(chart.patient)
    if not address:
        return Drop(State.SUPPRESSED, "no_address")
    if not emails.is_sendable(address):
        return Drop(State.SUPPRESSED, "bad_address")
    return Send(address, queries.language_for(occurrence))


def _over(occurrence: Occurrence, now: datetime) -> str:
    """Say why nothing is asked any more, or "" while it is."""
    if occurrence.state != Occurrence.State.OPEN:
        return occurrence.state
    if now >= occurrence.window_end:
        return "window_closed"
    return "taken_in_room" if queries.is_taken_in_room(occurrence) else ""

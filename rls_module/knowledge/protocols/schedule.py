"""From an anchor date to instants: when a patient is asked, reminded and called, and until when an answer counts.

Pure arithmetic: nothing here reads a clock, a table or a setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from rls_module.knowledge.walltime import instant, start_of_day

__all__ = [
    "PlannedDelivery",
    "PlannedOccurrence",
    "TouchpointTimes",
    "answer_state",
    "instant",
    "link_closes_at",
    "link_open",
    "plan",
]

SEND_TIME = time(9)
GRACE = timedelta(hours=48)  # more time for whoever began before the close

Skipped = Literal["", "past", "late", "not_offered"]
AnswerState = Literal["answered", "late", "closed"]


class TouchpointTimes(Protocol):
    """What the arithmetic needs of a touchpoint, be it a definition or a row. All in days."""

    @property
    def step(self) -> str:
        """Stable key of the touchpoint."""

    @property
    def offset_days(self) -> int:
        """Days from the anchor to the day it is due."""

    @property
    def on_time_days(self) -> int:
        """Last day after that on which an answer is on time."""

    @property
    def window_days(self) -> int:
        """Last day after that on which an answer is taken."""

    @property
    def reminder_days(self) -> Sequence[int]:
        """Days after that on which a reminder goes."""

    @property
    def call_after_days(self) -> int | None:
        """Days after that until staff call; None = they do not."""


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """One message to be: invite 1, reminder 1, reminder 2."""

    kind: Literal["invite", "reminder"]
    ordinal: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedOccurrence:
    """One time of asking to be. Instants are UTC; `on_time_until` and `window_end` are the first instant too late."""

    step: str
    ordinal: int
    anchor_on: date
    due_on: date
    due_at: datetime
    on_time_until: datetime
    window_end: datetime
    call_at: datetime | None
    skipped: Skipped
    deliveries: tuple[PlannedDelivery, ...]


def plan(
    touchpoints: Iterable[TouchpointTimes],
    *,
    anchor_on: date,
    zone: ZoneInfo,
    now: datetime,
    send_time: time = SEND_TIME,
) -> tuple[PlannedOccurrence, ...]:
    """Return what is to be asked after the anchor, in the order of the touchpoints.

    Days are local dates in the patient's `zone`, mails go at `send_time` of its wall clock. An occurrence whose
    window has closed at `now` is skipped as "past"; of several that are due already only the newest stays open, the
    others are skipped as "late". A skipped one has no deliveries. An open one keeps its invite, which is due at once
    if its time is past, and only those reminders whose time is still to come: one that was planned earlier and went
    out is not in the plan any more. Source: project design, follow-up windows of 14 and 21 days.
    """
    planned = [_occurrence(one, anchor_on=anchor_on, zone=zone, now=now, send_time=send_time) for one in touchpoints]
    due = [one.due_at for one in planned if not one.skipped and one.due_at <= now]
    newest = max(due, default=now)
    return tuple(
        replace(one, skipped="late", deliveries=()) if not one.skipped and one.due_at < newest and due else one
        for one in planned
    )


def answer_state(
    *, answered_at: datetime, begun_at: datetime | None, on_time_until: datetime, window_end: datetime
) -> AnswerState:
    """Say what an answer sent in at `answered_at` counts as: "answered" (on time), "late", or "closed" (too late).

    Whoever began before the window closed has 48 hours more and is late then.
    """
    if answered_at < on_time_until:
        return "answered"
    return "late" if answered_at < _with_grace(window_end, begun_at) else "closed"


def link_open(
    *, now: datetime, due_at: datetime, window_end: datetime, link_days: int, begun_at: datetime | None
) -> bool:
    """Say whether a survey link works at `now`: not before it is due, and not from its close on."""
    closes_at = link_closes_at(due_at=due_at, window_end=window_end, link_days=link_days, begun_at=begun_at)
    return due_at <= now < closes_at


def link_closes_at(*, due_at: datetime, window_end: datetime, link_days: int, begun_at: datetime | None) -> datetime:
    """Return the first instant at which a link no longer works.

    That is the end of the window, or `link_days` times 24 hours after it was due if that is sooner; and 48 hours
    later where the patient began before the close.
    """
    return _with_grace(min(window_end, due_at + timedelta(days=link_days)), begun_at)


def _with_grace(closes_at: datetime, begun_at: datetime | None) -> datetime:
    began_in_time = begun_at is not None and begun_at < closes_at
    return closes_at + GRACE if began_in_time else closes_at


def _occurrence(
    touchpoint: TouchpointTimes, *, anchor_on: date, zone: ZoneInfo, now: datetime, send_time: time
) -> PlannedOccurrence:
    due_on = anchor_on + timedelta(days=touchpoint.offset_days)

    def on_day(days: int) -> datetime:
        return instant(due_on + timedelta(days=days), send_time, zone)

    window_end = start_of_day(due_on + timedelta(days=touchpoint.window_days + 1), zone)
    is_past = window_end <= now
    reminders = enumerate((on_day(days) for days in touchpoint.reminder_days), start=1)
    deliveries = (
        PlannedDelivery("invite", 1, on_day(0)),
        *(PlannedDelivery("reminder", ordinal, at) for ordinal, at in reminders if at >= now),
    )
    return PlannedOccurrence(
        step=touchpoint.step,
        ordinal=1,
        anchor_on=anchor_on,
        due_on=due_on,
        due_at=on_day(0),
        on_time_until=start_of_day(due_on + timedelta(days=touchpoint.on_time_days + 1), zone),
        window_end=window_end,
        call_at=None if touchpoint.call_after_days is None else on_day(touchpoint.call_after_days),
        skipped="past" if is_past else "",
        deliveries=() if is_past else deliveries,
    )

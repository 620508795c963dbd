"""Everything one patient would get on a protocol, in order of time: for whoever writes protocols. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from rls_module.knowledge.protocols import schedule

Kind = Literal["invite", "reminder", "task"]
Reason = Literal["due", "no_answer_yet", "no_answer_call", "over", "newer_due"]


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing that would happen: a mail, a reminder or a call task, at which instant (UTC), and why."""

    touchpoint: str
    kind: Kind
    at: datetime
    reason: Reason


def preview(
    touchpoints: Sequence[schedule.TouchpointTimes],
    *,
    anchor_on: date,
    zone: ZoneInfo,
    send_time: time,
    now: datetime,
) -> list[Planned]:
    """Return what a patient whose anchor is the day `anchor_on` would get from `now` on, who never answers.

    What would be skipped because its time is over ("over") or a newer one is due ("newer_due") stands there once, as
    an invite with that reason.
    """
    planned = schedule.plan(touchpoints, anchor_on=anchor_on, zone=zone, now=now, send_time=send_time)
    return sorted((one for occurrence in planned for one in _of(occurrence)), key=lambda one: one.at)


def _of(occurrence: schedule.PlannedOccurrence) -> Iterator[Planned]:
    if occurrence.skipped:
        reason: Reason = "over" if occurrence.skipped == "past" else "newer_due"
        yield Planned(occurrence.step, "invite", occurrence.due_at, reason)
        return
    for delivery in occurrence.deliveries:
        is_invite = delivery.kind == "invite"
        yield Planned(
            occurrence.step,
            "invite" if is_invite else "reminder",
            delivery.due_at,
            "due" if is_invite else "no_answer_yet",
        )
    if occurrence.call_at is not None:
        yield Planned(occurrence.step, "task", occurrence.call_at, "no_answer_call")

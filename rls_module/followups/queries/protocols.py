"""Protocols and their versions, and what a new version would change for those who are on an old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from pydantic import ValidationError

from rls_module.cases.models import Milestone
from rls_module.followups.models import Enrolment, Occurrence, Protocol, ProtocolVersion, Touchpoint
from rls_module.host import adapter
from rls_module.knowledge.protocols import ahead, schedule
from rls_module.knowledge.protocols.definition import ProtocolDefinition
from rls_module.library import queries as library_queries

DEFAULT_PROTOCOL = "default"


class NotAProtocol(Exception):
    """The touchpoints do not fit together; `problems` is where -> what is wrong, in words."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = problems


def protocol_version(scope: str, key: str = DEFAULT_PROTOCOL) -> ProtocolVersion | None:
    """Return the newest version of the scope's protocol, or None before `rls_setup`."""
    versions = ProtocolVersion.objects.filter(protocol__scope=scope, protocol__key=key)
    return versions.select_related("protocol").order_by("-number").first()


def newest_version(protocol: Protocol) -> ProtocolVersion | None:
    """Return the version of a protocol that new enrolments get."""
    return ProtocolVersion.objects.filter(protocol=protocol).order_by("-number").first()


def touchpoints(version: ProtocolVersion) -> list[Touchpoint]:
    """Return the times of asking of a version, in the order they are due."""
    return list(Touchpoint.objects.filter(version=version).order_by("offset_days", "step"))


def has_protocol(scope: str, key: str = DEFAULT_PROTOCOL) -> bool:
    """True when the scope has its own copy of the protocol."""
    return Protocol.objects.filter(scope=scope, key=key).exists()


@dataclass(frozen=True, slots=True)
class Shift:
    """What moving one open enrolment to other touchpoints does to one time of asking; None = there is none."""

    ref: str
    step: str
    before: datetime | None
    after: datetime | None


def shifts(
    protocol: Protocol, touchpoints: Sequence[schedule.TouchpointTimes], *, send_time: time, now: datetime
) -> list[Shift]:
    """Return what "move" would change among the open enrolments: each ask that is not sent yet and would move.

    Patients stand by the host's reference, never by name. Nothing is written.
    """
    open_ones = Enrolment.objects.filter(version__protocol=protocol, state=Enrolment.State.ACTIVE)
    found = []
    for enrolment in open_ones.select_related("chart__patient").order_by("pk"):
        found += _shifts_of(enrolment, touchpoints, send_time, now)
    return found


def drafted(rows: Sequence[Mapping[str, Any]]) -> list[Touchpoint]:
    """Return touchpoints that nobody has released, for asking what they would change; nothing is stored."""
    return [Touchpoint(**values) for values in rows]


def open_count(protocol: Protocol) -> int:
    """Return how many patients are on the protocol now."""
    return Enrolment.objects.filter(version__protocol=protocol, state=Enrolment.State.ACTIVE).count()


def _shifts_of(
    enrolment: Enrolment, touchpoints: Sequence[schedule.TouchpointTimes], send_time: time, now: datetime
) -> list[Shift]:
    anchor = (
        Milestone.objects.filter(case_id=enrolment.case_id, kind=Milestone.Kind.FIRST_VISIT).order_by("-on").first()
    )
    if anchor is None:
        return []
    patient = enrolment.chart.patient
    zone, ref = adapter().timezone(patient), adapter().public_ref(patient)
    planned = schedule.plan(touchpoints, anchor_on=anchor.on, zone=zone, now=now, send_time=send_time)
    after = {one.step: None if one.skipped else one.due_at for one in planned}
    there = Occurrence.objects.filter(enrolment=enrolment).exclude(step__in=ahead.STEPS)
    fixed = set(there.exclude(state=Occurrence.State.OPEN).values_list("step", flat=True))
    fixed |= set(there.filter(deliveries__sent_at__isnull=False).values_list("step", flat=True))
    before = dict(there.filter(state=Occurrence.State.OPEN).values_list("step", "due_at"))
    return [
        Shift(ref, step, before.get(step), after.get(step))
        for step in sorted({*before, *after} - fixed)
        if before.get(step) != after.get(step)
    ]


def checked_touchpoints(
    protocol: Protocol, touchpoints: Sequence[Mapping[str, Any]], send_time: time
) -> list[dict[str, Any]]:
    """Return the touchpoints as rows hold them; raises NotAProtocol with every mistake in words."""
    named = {language: words for language, words in protocol.name.items() if words}
    try:
        definition = ProtocolDefinition.model_validate(
            {
                "key": protocol.key,
                "version": 1,
                "name": named,
                "send_time": send_time,
                "source": "the clinic's own",
                "touchpoints": tuple(_frozen(values) for values in touchpoints),
            }
        )
    except ValidationError as error:
        problems = {
            ".".join(map(str, one["loc"])): str(one["msg"]).removeprefix("Value error, ") for one in error.errors()
        }
        raise NotAProtocol(problems) from None
    if unknown := _unknown_instruments(protocol, definition):
        raise NotAProtocol(unknown)
    return [touchpoint.model_dump(mode="json") for touchpoint in definition.touchpoints]


def _unknown_instruments(protocol: Protocol, definition: ProtocolDefinition) -> dict[str, str]:
    own = set(library_queries.imported(protocol.scope).values_list("key", flat=True))
    return {
        f"{touchpoint.step}.instruments": f"{key!r} is no instrument of this clinic"
        for touchpoint in definition.touchpoints
        for key in touchpoint.instruments
        if key not in own and not library_queries.is_shipped(key)
    }


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}

"""Releasing a new version of a protocol, and what becomes of those who are on the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Literal

from django.db import IntegrityError, transaction
from pydantic import ValidationError

from rls_module.audit import log
from rls_module.cases.models import Case
from rls_module.followups import queries
from rls_module.followups.models import Enrolment, Protocol, ProtocolVersion, Touchpoint
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, store
from rls_module.knowledge.protocols.definition import ProtocolDefinition

OpenRule = Literal["keep", "move"]


class NotAProtocol(Exception):
    """The touchpoints do not fit together; `problems` is where -> what is wrong, in words."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = problems


@transaction.atomic
def release_version(
    *,
    protocol: Protocol,
    seen: int,
    touchpoints: Sequence[Mapping[str, Any]],
    send_time: time,
    open_rule: OpenRule,
    reason: str,
    actor: Actor,
    now: datetime,
) -> ProtocolVersion:
    """Release the next version of a clinic's protocol; a released one never changes.

    `seen` is the number of the version that the page was made from. "keep" leaves open enrolments on their version,
    "move" takes them along: what was not sent yet moves, what went out, was answered or decided by a person stays.
    Raises NotAProtocol, Stale when another version was released meanwhile, ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("say why")
    checked = checked_touchpoints(protocol, touchpoints, send_time)
    newest = queries.newest_version(protocol)
    if newest is None or newest.number != seen:
        raise Stale
    try:
        with transaction.atomic():
            version = store(
                ProtocolVersion(
                    protocol=protocol,
                    number=seen + 1,
                    send_time=send_time,
                    open_rule=open_rule,
                    reason=reason.strip(),
                    released_by_id=actor.user_id,
                    released_by_name=actor.name,
                    created_at=now,
                )
            )
    except IntegrityError:  # two admins at once: the other one's version is the next
        raise Stale from None
    for values in checked:
        store(Touchpoint(version=version, created_at=now, **values))
    if open_rule == "move":
        _move_enrolments(version, now)
    log.record(
        actor=actor,
        verb="protocol.edit",
        kind="protocolversion",
        ref=version.uuid,
        scope=protocol.scope,
        fields=("touchpoints", "send_time", "open_rule"),
        purpose=reason,
    )
    return version


def _move_enrolments(version: ProtocolVersion, now: datetime) -> None:
    """Put open enrolments on `version` and mark their cases: the engine's next turn plans them anew."""
    moving = Enrolment.objects.filter(version__protocol=version.protocol, state=Enrolment.State.ACTIVE)
    cases = list(moving.values_list("case_id", flat=True))
    moving.update(version=version)
    Case.objects.filter(pk__in=cases).update(replan_at=now)


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
    return [touchpoint.model_dump(mode="json") for touchpoint in definition.touchpoints]


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}

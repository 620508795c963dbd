"""Releasing a new version of a protocol, and what becomes of those who are on the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Literal

from django.db import IntegrityError

from rls_module.audit import log
from rls_module.cases.models import Case
from rls_module.followups import queries
from rls_module.followups.models import Enrolment, Protocol, ProtocolVersion, Touchpoint
from rls_module.host import transaction
from rls_module.host.actor import Actor
from rls_module.host.rows import Stale, store

OpenRule = Literal["keep", "move"]


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
    Raises queries.NotAProtocol, Stale when another version was released meanwhile, ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("say why")
    checked = queries.checked_touchpoints(protocol, touchpoints, send_time)
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

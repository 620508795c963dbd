"""Who saw or did what with one patient's records, as the audit has it: names of people, never what they read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from rls_module.audit.models import AuditEvent
from rls_module.cases.models import EmergencyAccess
from rls_module.host import adapter

MOST_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Witnessed:
    """One event: when, who, what (an action of the registry or a word of the engine), on what kind of thing, and why.

    What was read in an emergency says the reason that the person gave.
    """

    at: datetime
    who: str
    verb: str
    kind: str
    is_refused: bool
    purpose: str


def witnessed(key: Any, *, limit: int = MOST_EVENTS) -> list[Witnessed]:
    """Return the newest events about the patient with the host's key `key`, the newest first."""
    events = list(AuditEvent.objects.filter(patient=str(key)).order_by("-at", "-pk")[:limit])
    names = _names(event.actor for event in events)
    reasons = {one.ref: one.reason for one in EmergencyAccess.objects.filter(chart__patient=key)}
    return [
        Witnessed(
            at=event.at,
            who=names[event.actor],
            verb=event.verb,
            kind=event.object_kind,
            is_refused=event.outcome == AuditEvent.Outcome.REFUSED,
            purpose=reasons.get(event.purpose, event.purpose),
        )
        for event in events
    ]


def _names(actors: Iterable[str]) -> dict[str, str]:
    """Return the words for each actor: staff by the name the host prints, all others by what they are."""
    wanted = set(actors)
    keys = {actor: actor.partition(":")[2] for actor in wanted if actor.startswith("user:")}
    users = {str(user.pk): user for user in get_user_model()._default_manager.filter(pk__in=keys.values())}
    said = {"token": _("the patient, by a link"), "system": _("the follow-up engine")}
    return {
        actor: adapter().practitioner_name(users[keys[actor]])
        if keys.get(actor) in users
        else said.get(actor.partition(":")[0], actor)
        for actor in wanted
    }

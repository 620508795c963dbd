"""Export jobs: whose they are, which are due, which are over, and how that is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from rls_module.outcomes.models import Export, ExportPart

OPEN_STATES = (Export.State.QUEUED, Export.State.RUNNING, Export.State.READY)


def own(owner: Any, *, scope: str) -> QuerySet[Export]:
    """Return what the user with the key `owner` asked for in this clinic, the newest first."""
    return Export.objects.filter(owner=owner, scope=scope).order_by("-created_at", "-pk")


def own_one(owner: Any, uuid: UUID, *, scope: str) -> Export | None:
    """Return one of the owner's own exports of this clinic; another's does not exist."""
    return own(owner, scope=scope).filter(uuid=uuid).select_related("chart__patient").first()


def open_count(owner: Any) -> int:
    """Return how many exports of this owner are waiting, being made or ready."""
    return Export.objects.filter(owner=owner, state__in=OPEN_STATES).count()


def next_due(scope: str, *, now: datetime) -> Export | None:
    """Return the oldest export of a scope that nobody is making: queued, or left by a worker whose lease is over."""
    waiting = Q(state=Export.State.QUEUED) | Q(state=Export.State.RUNNING, lease_until__lt=Now())
    rows = Export.objects.filter(waiting, scope=scope, expires_at__gt=now)
    return rows.select_related("chart__patient", "owner").order_by("created_at", "pk").first()


def over(scope: str, *, now: datetime) -> QuerySet[Export]:
    """Return the exports of a scope whose time is over and that still are, or may become, a file."""
    return Export.objects.filter(scope=scope, state__in=OPEN_STATES, expires_at__lte=now).select_related("chart")


def parts(export: Export) -> Iterator[tuple[int, bytes]]:
    """Yield the locked parts of a file in their order, each with its number."""
    rows = ExportPart.objects.filter(export=export).order_by("number")
    yield from ((row.number, bytes(row.content)) for row in rows.iterator(chunk_size=16))


def reason_words(reason: str) -> str:
    """Return in words why an export could not be made, or can no longer be read."""
    return {
        "owner_gone": _("Your account was closed when it was to be made."),
        "moved": _("The patient is no longer with this clinic."),
        "too_large": _("It is too large to download. Ask whoever runs the system for rls_export."),
        "too_long": _("It takes too long to make here. Ask whoever runs the system for rls_export."),
        "gave_up": _("Making it failed several times. Ask again; if that fails too, tell whoever runs the system."),
        "key_gone": _("The key that it was locked with is gone, so nobody can read it. Ask again."),
        "not_installed": _("Exports are off in this system: a part that locks them is not installed."),
    }.get(reason, reason)

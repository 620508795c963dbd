"""Reads of the library: how a clinic works, its exercises, and what its licence register allows."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from rls_module.knowledge.safety import opening
from rls_module.library.models import ClinicPolicy, Exercise, Licence


def policy(scope: str) -> ClinicPolicy:
    """Return how the clinic of `scope` works; one that never said so works by the defaults (an unsaved row)."""
    return ClinicPolicy.objects.filter(scope=scope).first() or ClinicPolicy(scope=scope)


def opening_hours(scope: str, zone: ZoneInfo) -> opening.OpeningHours:
    """Return when the clinic of `scope` is open, by the clock of `zone`."""
    row = policy(scope)
    return opening.OpeningHours(
        zone,
        weekdays=frozenset(row.weekdays) or opening.MONDAY_TO_FRIDAY,
        opens=row.opens_at,
        closes=row.closes_at,
        closed_on=frozenset(date.fromisoformat(day) for day in row.closed_days),
    )


def exercises(scope: str) -> QuerySet[Exercise]:
    """Return the clinic's exercises that can be prescribed, by family and key."""
    return Exercise.objects.filter(scope=scope, retired_at=None).order_by("family", "key")


def exercise(scope: str, key: str) -> Exercise | None:
    """Return one exercise of the clinic, retired or not."""
    return Exercise.objects.filter(scope=scope, key=key).first()


def exercises_by_name(scope: str) -> dict[str, Exercise]:
    """Return the clinic's exercises by every name they have in any language, in small letters."""
    return {text.casefold(): one for one in exercises(scope) for text in one.name.values()}


def words(texts: dict[str, str], language: str) -> str:
    """Return the text in `language`, else in English, else in whatever language there is."""
    return texts.get(language.partition("-")[0]) or texts.get("en") or next(iter(texts.values()), "")


def is_wording_signed_off(*, scope: str, instrument: str, version: int, language: str, on: date) -> bool:
    """True when a second reader's sign-off for this wording stands in the clinic's licence register on that day."""
    rows = Licence.objects.filter(
        scope=scope,
        kind=Licence.Kind.WORDING_REVIEW,
        instrument=instrument,
        instrument_version=version,
        language=language,
        revoked_at=None,
        granted_on__lte=on,
    )
    return rows.filter(Q(expires_on=None) | Q(expires_on__gte=on)).exists()

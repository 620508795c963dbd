"""The clocks and the database: what of them the plugin leans on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings

from rls_module.doctor.finding import Finding, judged, ok
from rls_module.host import database as our
from rls_module.host.clock import database_now

MOST_SKEW = timedelta(seconds=30)


def clocks() -> Iterator[Finding]:
    """Yield whether this machine and the database agree what time it is, and whether zones are known."""
    skew = abs(datetime.now(UTC) - database_now())
    yield judged(
        "clock.skew",
        good=skew <= MOST_SKEW,
        message=f"this machine and the database differ by {skew.total_seconds():.0f} s",
        hint="Set both clocks by NTP: beyond 30 s nothing is sent.",
    )
    summer = datetime(2026, 7, 1, tzinfo=ZoneInfo("America/New_York")).utcoffset()
    yield judged(
        "clock.zones",
        good=summer == timedelta(hours=-4),
        message="zone data is there",
        hint="Install the system's tzdata, or the package tzdata.",
    )
    yield judged(
        "clock.use_tz",
        good=django_settings.USE_TZ,
        message=f"USE_TZ = {django_settings.USE_TZ}",
        hint="Set it to True.",
    )


def database() -> Iterator[Finding]:
    """Yield the database's version and the features that keep two workers apart."""
    connection = our.connection()
    version = ".".join(map(str, connection.get_database_version()))
    yield ok("database.version", f"{connection.display_name} {version}")
    features = connection.features
    yield judged(
        "database.conditional_unique",
        good=features.supports_partial_indexes,
        message="indexes with a condition",
        hint="The queue works without them, more slowly.",
        level="warning",
    )
    skips = features.has_select_for_update_skip_locked
    yield ok("database.skip_locked", "workers pass each other by" if skips else "workers take turns (compare-and-set)")

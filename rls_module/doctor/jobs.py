"""The engine: when it last turned, what waits, and what is known to turn it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings

from rls_module import conf
from rls_module.doctor.finding import Finding, judged, ok, warning
from rls_module.followups import queries
from rls_module.host.clock import database_now, now

CRON = "*/5 * * * * manage.py rls_followups run --once"
PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}


def triggers() -> Iterator[Finding]:
    """Yield what is known to turn the engine, and whether a broker that is set can be reached."""
    if beat_entries():
        yield ok("jobs.beat", "a beat entry runs rls_module.tick")
    else:
        yield warning("jobs.beat", "no beat entry is known", f"Then cron or a service must turn the engine: {CRON}")
    broker = urlsplit(str(getattr(django_settings, "CELERY_BROKER_URL", "") or ""))
    if broker.scheme in PORTS and broker.hostname:
        yield from _reach(broker.hostname, broker.port or PORTS[broker.scheme])


def beat_entries() -> list[str]:
    """Return the names of the beat entries that run our task."""
    schedule: Any = getattr(django_settings, "CELERY_BEAT_SCHEDULE", None) or {}
    return [name for name, entry in schedule.items() if entry.get("task") == "rls_module.tick"]


def _reach(host: str, port: int) -> Iterator[Finding]:
    try:
        socket.create_connection((host, port), timeout=3).close()
        is_there = True
    except OSError:
        is_there = False
    yield judged(
        "jobs.broker",
        good=is_there,
        message="the broker answers" if is_there else "the broker does not answer",
        hint="Start it, or run rls_followups run --loop without it.",
        level="warning",
    )


def engine(scope: str) -> Iterator[Finding]:
    """Yield how the engine of one scope stands."""
    health = queries.engine_health(scope, now(), database_now())
    if health.last_tick_s is None:
        yield warning("jobs.tick", f"{scope}: the engine has not run yet", f"Start it: {CRON}")
    else:
        yield judged(
            "jobs.tick",
            good=not health.is_late,
            message=f"{scope}: the last turn was {health.last_tick_s} s ago, {health.due} mails are due",
            hint="Start the worker, the loop or cron again: rls_followups run --once.",
        )
    stuck = queries.stuck(scope)
    yield judged(
        "jobs.stuck",
        good=not stuck,
        message=f"{scope}: {stuck} mails are held by workers that are gone" if stuck else f"{scope}: no mail is stuck",
        hint="The next turn of the engine takes them back.",
        level="warning",
    )
    if health.paused_at or conf.get("DISPATCH_PAUSED"):
        hint = "rls_followups resume, or the button above the queue; DISPATCH_PAUSED in the settings."
        yield warning("jobs.paused", f"{scope}: sending is paused", hint)

"""Celery's only door: a metronome. It carries nothing, decides nothing, and the engine runs as well without it."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from rls_module import engine
from rls_module.host.clock import now

TICK = "rls_module.tick"


@shared_task(name=TICK, ignore_result=True, soft_time_limit=60, time_limit=90)
def tick(**_later: Any) -> None:
    """Do one turn of the engine for every scope; what a newer version may send along is passed over.

    No retry and no countdown: the next beat is the retry, and what is due stands in the database.
    """
    engine.turn(now=now())

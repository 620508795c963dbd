"""One turn of everything that runs by itself. Every door that turns the engine calls this, and nothing below it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from rls_module.followups import actions as followup_actions
from rls_module.host import clock, scopes
from rls_module.host.actor import system
from rls_module.outcomes import actions as outcome_actions
from rls_module.surveys import actions as survey_actions
from rls_module.surveys.actions import limits

TURN = timedelta(seconds=55)  # Celery ends a turn after 60 seconds


def turn(*, now: datetime) -> int:
    """Send what is due, settle what patients left unfinished, then make exports; return how many mails went out.

    Mails come first: exports get what the mails have left of the turn, and where that is too little the next turn's.
    Raises ImproperlyConfigured where the rows of this database were written for another host's patients.
    """
    until = clock.database_now() + TURN
    sent = followup_actions.tick(now=now)
    scopes.walk(partial(_settle, now=now), what="settling unfinished forms")
    outcome_actions.make_exports(now=now, until=until)
    return sent


def _settle(scope: str, *, now: datetime) -> int:
    limits.forget(now=clock.database_now())
    return survey_actions.settle_unfinished(scope=scope, actor=system("followups"), now=now)

"""Writes of the outcomes room: an export is asked for, made, fetched. Nothing clinical is ever written here."""

from __future__ import annotations

from rls_module.outcomes.actions.asking import LIFE, MOST_OPEN, NotInstalled, TooMany, ask
from rls_module.outcomes.actions.fetching import Gone, fetch, refuse
from rls_module.outcomes.actions.making import expire, make_exports
from rls_module.outcomes.actions.records import record_made

__all__ = [
    "LIFE",
    "MOST_OPEN",
    "Gone",
    "NotInstalled",
    "TooMany",
    "ask",
    "expire",
    "fetch",
    "make_exports",
    "record_made",
    "refuse",
]

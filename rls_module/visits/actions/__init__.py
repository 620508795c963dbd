"""Writes of the visit room: notes from draft to signature, addenda, adverse events, financial notices."""

from __future__ import annotations

from rls_module.visits.actions.addenda import NotSigned, add_addendum
from rls_module.visits.actions.adverse import NotOfThisCase, follow_up_event, record_event
from rls_module.visits.actions.notes import (
    NotADraft,
    NotReady,
    NotTheAuthor,
    carry_forward,
    discard,
    open_draft,
    save_draft,
    sign,
)
from rls_module.visits.actions.notices import record_notice

__all__ = [
    "NotADraft",
    "NotOfThisCase",
    "NotReady",
    "NotSigned",
    "NotTheAuthor",
    "add_addendum",
    "carry_forward",
    "discard",
    "follow_up_event",
    "open_draft",
    "record_event",
    "record_notice",
    "save_draft",
    "sign",
]

"""Reads of the visit room: notes, what was done in them, and what they still lack."""

from __future__ import annotations

from rls_module.visits.queries.addenda import addenda, addendum_hash
from rls_module.visits.queries.adverse import adverse_events, events_of, follow_ups
from rls_module.visits.queries.billing import Billed, billed, review
from rls_module.visits.queries.carrying import CARRIED, MODELS, Block, carriable, carried_values, unreviewed
from rls_module.visits.queries.notes import (
    as_stored,
    charted_refs,
    draft_for,
    first_completed_on,
    is_completed,
    last_hands_on,
    last_signed,
    signature,
    signatures,
    signed_count,
    unsigned_of,
    visits_of,
)
from rls_module.visits.queries.notices import lacks_notice, notices, standing_notice
from rls_module.visits.queries.readiness import Lack, lacks
from rls_module.visits.queries.typed_rows import Treatment, content_hash, treatment, treatments
from rls_module.visits.queries.unit_words import in_words

__all__ = [
    "CARRIED",
    "MODELS",
    "Billed",
    "Block",
    "Lack",
    "Treatment",
    "addenda",
    "addendum_hash",
    "adverse_events",
    "as_stored",
    "billed",
    "carriable",
    "carried_values",
    "charted_refs",
    "content_hash",
    "draft_for",
    "events_of",
    "first_completed_on",
    "follow_ups",
    "in_words",
    "is_completed",
    "lacks",
    "lacks_notice",
    "last_hands_on",
    "last_signed",
    "notices",
    "review",
    "signature",
    "signatures",
    "signed_count",
    "standing_notice",
    "treatment",
    "treatments",
    "unreviewed",
    "unsigned_of",
    "visits_of",
]

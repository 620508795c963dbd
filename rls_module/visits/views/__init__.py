"""Pages of the visit room: start a note, the note itself, its addenda, consent to needling, adverse events, notices."""

from __future__ import annotations

from rls_module.visits.views.addendum import addendum
from rls_module.visits.views.adverse import adverse_event, adverse_events
from rls_module.visits.views.consent import needling_consent
from rls_module.visits.views.note import note
from rls_module.visits.views.notices import notices
from rls_module.visits.views.start import start

__all__ = ["addendum", "adverse_event", "adverse_events", "needling_consent", "note", "notices", "start"]

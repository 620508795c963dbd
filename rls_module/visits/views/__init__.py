"""Pages of the visit room: start a note, the note itself, and consent to needling."""

from __future__ import annotations

from rls_module.visits.views.consent import needling_consent
from rls_module.visits.views.note import note
from rls_module.visits.views.start import start

__all__ = ["needling_consent", "note", "start"]

"""The patient's pages: start, one page of questions at a time, advice, review, thanks; and the way out."""

from __future__ import annotations

from rls_module.surveys.views.preferences import unsubscribe
from rls_module.surveys.views.survey import survey

__all__ = ["survey", "unsubscribe"]

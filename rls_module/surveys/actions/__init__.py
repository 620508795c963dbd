"""Writes of the patient's room: pages saved, surveys sent in, and what a minute counts."""

from __future__ import annotations

from rls_module.surveys.actions import limits
from rls_module.surveys.actions.answers import Unfinished, save_page, send, settle_unfinished

__all__ = ["Unfinished", "limits", "save_page", "send", "settle_unfinished"]

"""Writes of the plan room: a plan from draft to its end, its dates, the home programme. Each with its audit event."""

from __future__ import annotations

from rls_module.plans.actions.certification import NoPlan, record_certification
from rls_module.plans.actions.plan import (
    NotADraft,
    NotReady,
    NotTheAuthor,
    change_status,
    open_draft,
    put_aside,
    save_draft,
    sign,
)
from rls_module.plans.actions.programme import prescribe, stop
from rls_module.plans.actions.teaching import teach

__all__ = [
    "NoPlan",
    "NotADraft",
    "NotReady",
    "NotTheAuthor",
    "change_status",
    "open_draft",
    "prescribe",
    "put_aside",
    "record_certification",
    "save_draft",
    "sign",
    "stop",
    "teach",
]

"""Writes of the case room: each in one transaction with its audit event."""

from __future__ import annotations

from rls_module.cases.actions.charts import CaseAlreadyOpen, name_activities, open_case, open_chart, reach
from rls_module.cases.actions.emergencies import open_in_emergency
from rls_module.cases.actions.holds import lift_hold, put_hold
from rls_module.cases.actions.papers import add_signature, give_consent, hand_over, withdraw_consent
from rls_module.cases.actions.release import Held, refuse_release, release
from rls_module.cases.actions.responses import store_response, supersede_response
from rls_module.cases.actions.task import close_task, open_task, take_task

__all__ = [
    "CaseAlreadyOpen",
    "Held",
    "add_signature",
    "close_task",
    "give_consent",
    "hand_over",
    "lift_hold",
    "name_activities",
    "open_case",
    "open_chart",
    "open_in_emergency",
    "open_task",
    "put_hold",
    "reach",
    "refuse_release",
    "release",
    "store_response",
    "supersede_response",
    "take_task",
    "withdraw_consent",
]

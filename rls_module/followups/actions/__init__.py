"""Writes of the follow-up room: planning, what an answer sets in motion, preferences, one turn of the engine."""

from __future__ import annotations

from rls_module.followups.actions.answers import (
    AlreadyAnswered,
    Closed,
    Fired,
    Submitted,
    ask_for_call,
    begin,
    judge_unfinished,
    page_saved,
    refuse_second_answer,
    submit,
)
from rls_module.followups.actions.engine import ask_for_calls, close_windows, pause, resume, tick
from rls_module.followups.actions.planning import (
    install_protocol,
    move_chart,
    move_strays,
    plan_case,
    plan_marked,
)
from rls_module.followups.actions.preferences import resume_mail, snooze, stop_mail, stop_reminders, withdraw_consent
from rls_module.followups.actions.protocols import release_version
from rls_module.followups.actions.refusing import refuse_link
from rls_module.followups.actions.requested import CannotAsk, send_intake, send_papers
from rls_module.followups.actions.revoking import revoke_all_links, revoke_link, revoke_links_of
from rls_module.followups.actions.texts import TextRefused, restore_shipped, write_text
from rls_module.followups.actions.verbs import CANCELLED, REQUEUED, NotPossible, cancel, requeue

__all__ = [
    "CANCELLED",
    "REQUEUED",
    "AlreadyAnswered",
    "CannotAsk",
    "Closed",
    "Fired",
    "NotPossible",
    "Submitted",
    "TextRefused",
    "ask_for_call",
    "ask_for_calls",
    "begin",
    "cancel",
    "close_windows",
    "install_protocol",
    "judge_unfinished",
    "move_chart",
    "move_strays",
    "page_saved",
    "pause",
    "plan_case",
    "plan_marked",
    "refuse_link",
    "refuse_second_answer",
    "release_version",
    "requeue",
    "restore_shipped",
    "resume",
    "resume_mail",
    "revoke_all_links",
    "revoke_link",
    "revoke_links_of",
    "send_intake",
    "send_papers",
    "snooze",
    "stop_mail",
    "stop_reminders",
    "submit",
    "tick",
    "withdraw_consent",
    "write_text",
]

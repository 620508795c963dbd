"""Writes of the intake room, each in one transaction with its audit event."""

from __future__ import annotations

from rls_module.intake.actions.alerts import raise_alerts
from rls_module.intake.actions.augmentation import NothingToScreen, screen_augmentation
from rls_module.intake.actions.baseline import CHECKIN, record_baseline
from rls_module.intake.actions.criteria import Judgement, review_criteria
from rls_module.intake.actions.intake import INTAKE, NotComplete, begin_intake, save_section, submit_intake, take_up
from rls_module.intake.actions.labs import record_labs, void_labs
from rls_module.intake.actions.medicines import change_medicine, record_medicine
from rls_module.intake.actions.paper import record_scores
from rls_module.intake.actions.red_flags import raise_red_flags
from rls_module.intake.actions.referrals import answer_referral, refer
from rls_module.intake.actions.screen import SCREEN, AlreadyDecided, decide, record_known, record_screen

__all__ = [
    "CHECKIN",
    "INTAKE",
    "SCREEN",
    "AlreadyDecided",
    "Judgement",
    "NotComplete",
    "NothingToScreen",
    "answer_referral",
    "begin_intake",
    "change_medicine",
    "decide",
    "raise_alerts",
    "raise_red_flags",
    "record_baseline",
    "record_known",
    "record_labs",
    "record_medicine",
    "record_scores",
    "record_screen",
    "refer",
    "review_criteria",
    "save_section",
    "screen_augmentation",
    "submit_intake",
    "take_up",
    "void_labs",
]

"""Pages of the intake room."""

from __future__ import annotations

from rls_module.intake.views.augmentation import augmentation
from rls_module.intake.views.baseline import baseline
from rls_module.intake.views.criteria import criteria
from rls_module.intake.views.intake import intake, intake_section
from rls_module.intake.views.labs import lab_void, labs
from rls_module.intake.views.leaflets import leaflet, leaflets
from rls_module.intake.views.letters import iron_letter, prescriber_letter, referral_letter
from rls_module.intake.views.medicines import medication, medications
from rls_module.intake.views.paper import paper_form, paper_forms
from rls_module.intake.views.referrals import referral, referrals
from rls_module.intake.views.screen import screen, screen_result
from rls_module.intake.views.way_in import patient

__all__ = [
    "augmentation",
    "baseline",
    "criteria",
    "intake",
    "intake_section",
    "iron_letter",
    "lab_void",
    "labs",
    "leaflet",
    "leaflets",
    "medication",
    "medications",
    "paper_form",
    "paper_forms",
    "patient",
    "prescriber_letter",
    "referral",
    "referral_letter",
    "referrals",
    "screen",
    "screen_result",
]

"""Forms of the intake room."""

from __future__ import annotations

from rls_module.intake.forms.augmentation import AugmentationForm, clock_of
from rls_module.intake.forms.criteria import CriteriaForm
from rls_module.intake.forms.labs import LabForm, VoidForm
from rls_module.intake.forms.medicines import MedicineForm
from rls_module.intake.forms.paper import PaperForm
from rls_module.intake.forms.referrals import OutcomeForm, ReferralForm
from rls_module.intake.forms.section import SectionForm
from rls_module.intake.forms.sittings import MAIL_CONSENT_TEXT, ConsentForm, DecisionForm, WholeForm, activity_forms

__all__ = [
    "MAIL_CONSENT_TEXT",
    "AugmentationForm",
    "ConsentForm",
    "CriteriaForm",
    "DecisionForm",
    "LabForm",
    "MedicineForm",
    "OutcomeForm",
    "PaperForm",
    "ReferralForm",
    "SectionForm",
    "VoidForm",
    "WholeForm",
    "activity_forms",
    "clock_of",
]

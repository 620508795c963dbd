"""Forms of the plan room."""

from __future__ import annotations

from rls_module.plans.forms.certification import CertificationForm
from rls_module.plans.forms.plan import PlanForm, StatusForm, goal_formset, intervention_formset
from rls_module.plans.forms.programme import PrescriptionForm, StopForm

__all__ = [
    "CertificationForm",
    "PlanForm",
    "PrescriptionForm",
    "StatusForm",
    "StopForm",
    "goal_formset",
    "intervention_formset",
]

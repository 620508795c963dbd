"""Forms of the plan room."""

from __future__ import annotations

from rls_module.plans.forms.certification import CertificationForm
from rls_module.plans.forms.plan import BeginForm, PlanForm, StatusForm, goal_formset, intervention_formset
from rls_module.plans.forms.programme import PrescriptionForm, StopForm

__all__ = [
    "BeginForm",
    "CertificationForm",
    "PlanForm",
    "PrescriptionForm",
    "StatusForm",
    "StopForm",
    "goal_formset",
    "intervention_formset",
]

"""Pages of the plan room: the plan, its draft and certification, the home programme and its handout."""

from __future__ import annotations

from rls_module.plans.views.certification import certification
from rls_module.plans.views.draft import plan_edit
from rls_module.plans.views.plan import plan
from rls_module.plans.views.programme import handout, prescription_stop, programme

__all__ = ["certification", "handout", "plan", "plan_edit", "prescription_stop", "programme"]

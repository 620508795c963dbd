"""Pages of the assessment room."""

from __future__ import annotations

from rls_module.assessment.views.examination import assessment
from rls_module.assessment.views.places import places

__all__ = ["assessment", "places"]

"""Forms of the assessment room."""

from __future__ import annotations

from rls_module.assessment.forms.sheet import MORE_COMPLAINTS, MORE_FINDINGS, Sheet
from rls_module.assessment.forms.tests import result_words

__all__ = ["MORE_COMPLAINTS", "MORE_FINDINGS", "Sheet", "result_words"]

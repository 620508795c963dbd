"""Forms of the assessment room."""

from __future__ import annotations

from rls_module.assessment.forms.examination import AssessmentForm
from rls_module.assessment.forms.rows import Rows, as_typed, complaint_rows, finding_rows, with_more
from rls_module.assessment.forms.tests import TestsForm, result_words

__all__ = [
    "AssessmentForm",
    "Rows",
    "TestsForm",
    "as_typed",
    "complaint_rows",
    "finding_rows",
    "result_words",
    "with_more",
]

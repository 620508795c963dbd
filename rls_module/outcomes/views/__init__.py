"""Pages of the outcomes room: the worklist, one patient's chart and what leads on from it, exports."""

from __future__ import annotations

from rls_module.outcomes.views.exports import export_fetch, export_patient, exports
from rls_module.outcomes.views.pages import answers, chart, find, response, witnessed, worklist

__all__ = [
    "answers",
    "chart",
    "export_fetch",
    "export_patient",
    "exports",
    "find",
    "response",
    "witnessed",
    "worklist",
]

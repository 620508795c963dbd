"""Pages of the outcomes room: worklist, one patient's chart and what leads on from it, exports, the biller's pages."""

from __future__ import annotations

from rls_module.outcomes.views.billing import billing, billing_of_chart
from rls_module.outcomes.views.exports import export_fetch, export_patient, exports
from rls_module.outcomes.views.pages import answers, chart, find, response, witnessed, worklist

__all__ = [
    "answers",
    "billing",
    "billing_of_chart",
    "chart",
    "export_fetch",
    "export_patient",
    "exports",
    "find",
    "response",
    "witnessed",
    "worklist",
]

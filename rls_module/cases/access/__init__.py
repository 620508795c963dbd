"""The one gate: who may see or do what with a chart. It asks the host, records the answer, then hands the row out.

Deny by default: nothing but a literal True grants, an adapter that raises denies, an empty `visible_patients` means
no access. What may not be seen does not exist (404); what may be seen but not done is refused (403). One thing widens
the host's answer, and only for reading: a chart that was opened in an emergency, with the host's leave.

`gate` is the whole of it; `asking` puts the questions, `emergencies` knows what an opened chart allows, `lists` fills
a page with the rows that are granted.
"""

from __future__ import annotations

from rls_module.cases.access.asking import may
from rls_module.cases.access.emergencies import standing
from rls_module.cases.access.gate import (
    Locked,
    chart_of,
    clinic_wide,
    fetch,
    listing,
    of_visible,
    paged,
    patient,
    permit,
    search,
)

__all__ = [
    "Locked",
    "chart_of",
    "clinic_wide",
    "fetch",
    "listing",
    "may",
    "of_visible",
    "paged",
    "patient",
    "permit",
    "search",
    "standing",
]

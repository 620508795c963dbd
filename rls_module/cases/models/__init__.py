"""The tables of a chart: what every patient-level row hangs from."""

from __future__ import annotations

from rls_module.cases.models.answers import Measurement, Response
from rls_module.cases.models.charts import Activity, Case, Chart, Milestone
from rls_module.cases.models.emergencies import EmergencyAccess
from rls_module.cases.models.holds import Hold, HoldLift
from rls_module.cases.models.papers import Consent, Signature
from rls_module.cases.models.tasks import Task

__all__ = [
    "Activity",
    "Case",
    "Chart",
    "Consent",
    "EmergencyAccess",
    "Hold",
    "HoldLift",
    "Measurement",
    "Milestone",
    "Response",
    "Signature",
    "Task",
]

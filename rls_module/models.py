"""Table of contents: every room's models, where Django looks for them."""

from __future__ import annotations

from rls_module.audit.models import AuditEvent, Erasure
from rls_module.cases.models import (
    Activity,
    Case,
    Chart,
    Consent,
    Measurement,
    Milestone,
    Response,
    Signature,
    Task,
)
from rls_module.followups.models import (
    Delivery,
    EngineState,
    Enrolment,
    Occurrence,
    Preference,
    Protocol,
    ProtocolVersion,
    Touchpoint,
)
from rls_module.host.models import HostIdentity
from rls_module.intake.models import Screen
from rls_module.surveys.models import Draft
from rls_module.visits.models import NeedlingSite, Visit

__all__ = [
    "Activity",
    "AuditEvent",
    "Case",
    "Chart",
    "Consent",
    "Delivery",
    "Draft",
    "EngineState",
    "Enrolment",
    "Erasure",
    "HostIdentity",
    "Measurement",
    "Milestone",
    "NeedlingSite",
    "Occurrence",
    "Preference",
    "Protocol",
    "ProtocolVersion",
    "Response",
    "Screen",
    "Signature",
    "Task",
    "Touchpoint",
    "Visit",
]

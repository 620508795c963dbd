"""Table of contents: every room's models, where Django looks for them."""

from __future__ import annotations

from rls_module.assessment.models import Assessment, Complaint, ExamResult, Finding
from rls_module.audit.models import AuditEvent, Erasure, Seal
from rls_module.cases.models import (
    Activity,
    Case,
    Chart,
    Consent,
    EmergencyAccess,
    Hold,
    HoldLift,
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
    MailText,
    Occurrence,
    Preference,
    Protocol,
    ProtocolVersion,
    Touchpoint,
)
from rls_module.host.models import HostIdentity
from rls_module.intake.models import (
    AugmentationScreen,
    CriteriaReview,
    Intake,
    LabPanel,
    Medication,
    Referral,
    ReferralOutcome,
    Screen,
)
from rls_module.library.models import ClinicPolicy, Exercise, ImportedInstrument, Licence
from rls_module.outcomes.models import Export, ExportPart
from rls_module.plans.models import Goal, Plan, PlannedIntervention, Prescription
from rls_module.surveys.models import Draft, Tally
from rls_module.visits.models import FascialPoint, NeedlingSite, PerformedExercise, Visit

__all__ = [
    "Activity",
    "Assessment",
    "AuditEvent",
    "AugmentationScreen",
    "Case",
    "Chart",
    "ClinicPolicy",
    "Complaint",
    "Consent",
    "CriteriaReview",
    "Delivery",
    "Draft",
    "EmergencyAccess",
    "EngineState",
    "Enrolment",
    "Erasure",
    "ExamResult",
    "Exercise",
    "Export",
    "ExportPart",
    "FascialPoint",
    "Finding",
    "Goal",
    "Hold",
    "HoldLift",
    "HostIdentity",
    "ImportedInstrument",
    "Intake",
    "LabPanel",
    "Licence",
    "MailText",
    "Measurement",
    "Medication",
    "Milestone",
    "NeedlingSite",
    "Occurrence",
    "PerformedExercise",
    "Plan",
    "PlannedIntervention",
    "Preference",
    "Prescription",
    "Protocol",
    "ProtocolVersion",
    "Referral",
    "ReferralOutcome",
    "Response",
    "Screen",
    "Seal",
    "Signature",
    "Tally",
    "Task",
    "Touchpoint",
    "Visit",
]

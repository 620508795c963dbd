"""Which column of which table goes where, each named once: a new column is a decision, or a test fails.

`record` stands in identified exports only: texts, names, exact keys. `shared` stands in the registry too, where a day
is counted from the case's opening and a code must be one that we know. `out` is in neither: keys inside, versions.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from rls_module.assessment.models import Assessment, Complaint, ExamResult, Finding
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
from rls_module.followups.models import Delivery, Enrolment, Occurrence, Preference
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
from rls_module.plans.models import CertificationDate, Goal, Plan, PlannedIntervention, Prescription, Teaching
from rls_module.visits.models import (
    Addendum,
    AdverseEvent,
    AdverseEventFollowUp,
    FascialPoint,
    FinancialNotice,
    NeedlingSite,
    PerformedExercise,
    Visit,
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: its name, its model, the ways to the chart and to the case, its columns by their use.

    `case` is empty for rows that belong to a chart as a whole; their days count from the first case's opening.
    """

    name: str
    model: type[models.Model]
    chart: str
    case: str
    record: tuple[str, ...]
    shared: tuple[str, ...]
    out: tuple[str, ...]

    def fields(self, *uses: str) -> list[models.Field]:
        """Return the columns of these uses in the table's own order."""
        wanted = {name for use in uses for name in getattr(self, use)}
        return [field for field in self.model._meta.concrete_fields if field.name in wanted]


def _table(
    name: str,
    model: type[models.Model],
    *,
    under: str = "",
    case: str = "case",
    record: str = "",
    shared: str = "",
    out: str = "",
) -> Table:
    """Read a declaration. Every row's inner key is left out; its uuid and moment of entry are in the record only.

    `under` is the key to the parent for rows that have no chart of their own.
    """
    way = f"{under}__" if under else ""
    return Table(
        name=name,
        model=model,
        chart=f"{way}chart",
        case=f"{way}{case}" if case else "",
        record=("uuid", "created_at", *record.split()),
        shared=tuple(shared.split()),
        out=("id", *out.split()),
    )


_OF_THE_CHART = (
    Table("charts", Chart, "pk", "", ("uuid", "created_at", "scope"), (), ("id", "patient")),
    Table(
        "cases", Case, "chart", "pk",
        record=("uuid", "created_at", "chart", "opened_by_name", "opening_note"),
        shared=("opened_on", "reason", "status", "known_elsewhere", "closed_at"),
        out=("id", "open_key", "opened_by", "replan_at", "version"),
    ),
    Table(
        "milestones", Milestone, "case__chart", "case",
        record=("uuid", "created_at", "case", "ref"), shared=("kind", "on"), out=("id",),
    ),
    Table(
        "activities", Activity, "case__chart", "case",
        record=("uuid", "created_at", "case", "text"), shared=("position", "retired_at"), out=("id",),
    ),
    _table(
        "consents", Consent, case="",
        record="chart text_version language note recorded_by_name withdrawn_by_name",
        shared="purpose given_at expires_on method withdrawn_at",
        out="recorded_by",
    ),
    _table(
        "signatures", Signature, case="",
        record="chart kind ref meaning signer_name signed_at content_hash hash_version reason",
        out="signer",
    ),
    _table(
        "tasks", Task,
        record="chart case rule params owner_name outcome closed_by_name",
        shared="kind due_at state closed_at",
        out="scope owner cause_key version",
    ),
)  # fmt: skip

_OF_THE_INTAKE = (
    _table(
        "screens", Screen,
        record="chart case decision_note screened_by_name",
        shared="response result criteria tags algorithm decision",
        out="screened_by",
    ),
    _table(
        "intakes", Intake,
        record="chart case instrument instrument_version language answers saved started_by_name",
        shared="response sent status submitted_at",
        out="open_key started_by version",
    ),
    _table(
        "criteria", CriteriaReview,
        record="chart case e5_reason reviewed_by_name",
        shared="answers mimics clinically_significant supportive course result reasons from_past labels algorithm",
        out="reviewed_by",
    ),
    _table(
        "labs", LabPanel,
        record="chart case laboratory assay crp_limit entered note recorded_by_name void_by_name void_because",
        shared="""
            collected_on source fasting morning iron_free_24h specialist_reason canonical flag modifiers algorithm
            persists void_at
        """,
        out="recorded_by",
    ),
    _table(
        "medicines", Medication,
        record="chart case name dose times change_note stop_reason prescriber note recorded_by_name",
        shared="code indication started_on changed_on stopped_on helps side_effects",
        out="recorded_by version",
    ),
    _table(
        "augmentation_screens", AugmentationScreen,
        record="chart case note screened_by_name",
        shared="answers result parts algorithm",
        out="screened_by",
    ),
    _table(
        "referrals", Referral,
        record="chart case to_kind to_name reason referred_by_name",
        shared="urgency red_flags referred_on",
        out="referred_by",
    ),
    _table(
        "referral_outcomes", ReferralOutcome, case="referral__case",
        record="chart note recorded_by_name",
        shared="referral kind answered_on",
        out="recorded_by",
    ),
)  # fmt: skip

_OF_THE_TREATMENT = (
    _table(
        "assessments", Assessment,
        record="chart case work sport nerve_vessel_note hypothesis red_flags_note note assessed_by_name",
        shared="assessed_on dominance nerve_vessel patterns planes red_flags is_none_found",
        out="assessed_by",
    ),
    _table(
        "findings", Finding, under="assessment",
        record="spreads_to note", shared="assessment position kind place place_kind side grade activity signs pain",
    ),
    _table(
        "complaints", Complaint, under="assessment",
        record="year since how_often worse_when movement note",
        shared="assessment position kind place place_kind side course pain_now pain_worst movement_pain",
    ),
    _table(
        "exam_results", ExamResult, under="assessment",
        record="", shared="assessment position test side stage answer number",
    ),
    _table(
        "plans", Plan,
        record="""
            chart case previous status_reason author_name template_key template_version diagnosis precautions education
            discharge_criteria
        """,
        shared="number status times_per_week weeks planned_sessions review_on is_precautions_reviewed topics signed_at",
        out="draft_key running_key author version",
    ),
    _table(
        "goals", Goal, under="plan",
        record="activity text baseline target", shared="plan position measure by_on",
    ),
    _table(
        "planned_interventions", PlannedIntervention, under="plan",
        record="note", shared="plan position modality targets",
    ),
    _table(
        "teaching", Teaching,
        record="chart case taught_by_name", shared="plan topic taught_on is_taught_back", out="taught_by",
    ),
    _table(
        "programme", Prescription,
        record="chart case name cues stop_reason prescribed_by_name",
        shared="""
            plan exercise side sets reps hold_s breaths minutes times_per_day days_per_week is_taught_back started_on
            stopped_on
        """,
        out="prescribed_by version",
    ),
    _table(
        "certification_dates", CertificationDate,
        record="chart case plan kind happened_on holds_until visits party recorded_by_name", out="recorded_by",
    ),
    _table(
        "financial_notices", FinancialNotice, case="",
        record="chart kind amount signed_on holds_until recorded_by_name", out="recorded_by",
    ),
    _table(
        "visits", Visit,
        record="""
            chart case host_visit visit_started_at author_name reaction_note safety_note findings discrepancy_note
            no_treatment_because response unit_code next_time
        """,
        shared="""
            visit_date status since_last nights reaction safety needles_out patient_checked aftercare_given
            timed_minutes total_minutes
        """,
        out="author version",
    ),
    _table(
        "needling", NeedlingSite, under="visit",
        record="carried_from",
        shared="visit position muscle side technique gauge_mm length_mm needles_in twitch minutes",
        out="is_unreviewed",
    ),
    _table(
        "fascial_points", FascialPoint, under="visit",
        record="carried_from",
        shared="""
            visit position point side palpation_before palpation_after movement_before movement_after minutes is_balance
        """,
        out="is_unreviewed",
    ),
    _table(
        "exercises", PerformedExercise, under="visit",
        record="name code note carried_from",
        shared="visit position exercise side sets reps hold_s minutes quality",
        out="is_unreviewed",
    ),
    _table(
        "addenda", Addendum, case="visit__case",
        record="chart text author_name", shared="visit", out="author",
    ),
    _table(
        "adverse_events", AdverseEvent,
        record="chart case description action_taken reported_to recorded_by_name",
        shared="visit event tier occurred_on onset relation muscle outcome resolved_on source",
        out="recorded_by",
    ),
    _table(
        "adverse_event_follow_ups", AdverseEventFollowUp, case="event__case",
        record="chart note reported_to recorded_by_name",
        shared="event outcome told_on",
        out="recorded_by",
    ),
)  # fmt: skip

_OF_THE_COURSE = (
    _table(
        "responses", Response,  # what was answered stands in `answers` as well, question by question
        record="chart case instruments language respondent_role answers missing entered_by_name",
        shared="phase mode answered_at state",
        out="entered_by",
    ),
    _table(
        "measurements", Measurement,
        record="chart case subject", shared="response measure value at derived algorithm",
    ),
    _table(
        "enrolments", Enrolment,
        record="chart case stop_reason", shared="state stopped_at", out="version scope open_key",
    ),
    _table(
        "followups", Occurrence, case="enrolment__case",
        record="enrolment chart send_time zone due_at on_time_until window_end call_at instruments state_reason",
        shared="step ordinal state due_on begun_at response",
        out="scope anchor_on piped selector link_kid link_version",
    ),
    _table(
        "mails", Delivery, case="occurrence__enrolment__case",
        record="occurrence chart channel state_reason due_at tries language",
        shared="kind ordinal state sent_at",
        out="""
            scope next_attempt_at attempts lease_token lease_until claimed_at phase uncertain_count day_slot smtp_code
            address_hash
        """,
    ),
    _table("preferences", Preference, case="", record="chart mail_off_at source"),
)  # fmt: skip

TABLES: tuple[Table, ...] = (*_OF_THE_CHART, *_OF_THE_INTAKE, *_OF_THE_TREATMENT, *_OF_THE_COURSE)

# Tables of ours that no export holds, each with its reason.
LEFT_OUT = {
    "AssessmentDraft": "what a therapist is still writing: no part of the record yet",
    "AuditEvent": "who saw a record is told by rls_audit, and is not the record",
    "BillingTable": "of no patient",
    "ClinicPolicy": "of no patient",
    "Draft": "a survey that was not sent in: the patient may still change it",
    "EmergencyAccess": "who saw a record is told by rls_audit, and is not the record",
    "EngineState": "of no patient",
    "Tally": "of no patient",
    "Erasure": "of no patient",
    "Exercise": "the clinic's library",
    "Export": "an export does not hold exports",
    "ExportPart": "an export does not hold exports",
    "Hold": "a legal matter of the clinic's, and not the record",
    "HoldLift": "a legal matter of the clinic's, and not the record",
    "HostIdentity": "of no patient",
    "ImportedInstrument": "of no patient; the words of others stay where they are",
    "Licence": "of no patient",
    "MailText": "of no patient",
    "PlanTemplate": "of no patient",
    "Protocol": "of no patient",
    "ProtocolVersion": "of no patient",
    "Seal": "of no patient",
    "Touchpoint": "of no patient",
}

"""Plans with their typed rows, certification, home programme. A signed plan's content is guarded; its status is not."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import Activity, Case, Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key
from rls_module.library.models import Exercise


class Plan(Row):
    """What will be done, how often and how long. A change of a signed plan is a new plan with the next number."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        ON_HOLD = "on_hold", _("on hold")
        COMPLETED = "completed", _("completed")
        DISCONTINUED = "discontinued", _("discontinued")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="plans")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField(default=1)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = CodeField(max_length=12, choices=Status, default=Status.DRAFT)
    status_reason = models.CharField(max_length=400, blank=True, default="")
    draft_key = models.BigIntegerField(null=True, blank=True, unique=True)  # one draft a case; NULLs do not collide
    running_key = models.BigIntegerField(null=True, blank=True, unique=True)  # one active or held plan a case
    author = user_key()
    author_name = models.CharField(max_length=200)
    template_key = models.CharField(max_length=40, blank=True, default="")  # what it began from, of the clinic's
    template_version = models.PositiveIntegerField(null=True, blank=True)
    diagnosis = models.CharField(max_length=200, blank=True, default="")
    times_per_week = models.PositiveSmallIntegerField(null=True, blank=True)
    weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    planned_sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    is_precautions_reviewed = models.BooleanField(default=False)
    precautions = models.TextField(blank=True, default="")
    topics = models.JSONField(default=list, blank=True)  # keys of what is explained
    education = models.TextField(blank=True, default="")
    discharge_criteria = models.TextField(blank=True, default="")
    signed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("case", "number"), name="rls_plan_case_number"),)
        constraints = (
            models.UniqueConstraint(fields=("case", "number"), name="rls_plan_number"),
            models.CheckConstraint(
                condition=models.Q(status__in=("draft", "active", "on_hold", "completed", "discontinued")),
                name="rls_plan_status",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", signed_at=None)
                | (~models.Q(status="draft") & models.Q(signed_at__isnull=False))
                | models.Q(status="discontinued"),
                name="rls_plan_signed",
            ),
        )

    @property
    def is_draft(self) -> bool:
        """True while the author may still change it."""
        return self.status == self.Status.DRAFT


class Goal(Row):
    """One goal: an activity the patient named, or a measure, from where to where by when."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="goals")
    position = models.PositiveSmallIntegerField()
    activity = models.ForeignKey(Activity, null=True, blank=True, on_delete=models.PROTECT, related_name="goals")
    measure = models.CharField(max_length=80, blank=True, default="")  # rls_checkin:nights
    text = models.CharField(max_length=200)
    baseline = models.CharField(max_length=60, blank=True, default="")
    target = models.CharField(max_length=60, blank=True, default="")
    by_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "position"), name="rls_goal_position"),)


class PlannedIntervention(Row):
    """One kind of treatment and what it is aimed at: muscles, fascial points or regions by their keys."""

    class Modality(models.TextChoices):
        NEEDLING = "needling", _("dry needling")
        FASCIAL = "fascial", _("Fascial Manipulation")
        EXERCISE = "exercise", _("exercise")
        EDUCATION = "education", _("education")
        OTHER = "other", _("other")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="interventions")
    position = models.PositiveSmallIntegerField()
    modality = CodeField(max_length=10, choices=Modality)
    targets = models.JSONField(default=list, blank=True)  # [{kind, key, side}]
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "position"), name="rls_plannedintervention_position"),)


class Teaching(Row):
    """One topic explained to the patient on a day, and whether the patient said it back. Append-only."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="teachings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="teachings")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="teachings")
    topic = models.CharField(max_length=40)
    taught_on = models.DateField()
    is_taught_back = models.BooleanField()
    taught_by = user_key()
    taught_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("plan", "topic", "taught_on", "is_taught_back"), name="rls_teaching_once"),
        )


class Prescription(Row):
    """One exercise of the home programme. It runs until it is stopped; a changed dose is a new row."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="prescriptions")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="prescriptions")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="prescriptions")
    exercise = models.ForeignKey(Exercise, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)  # as it was called when it was prescribed
    side = models.CharField(max_length=1, blank=True, default="")
    sets = models.PositiveSmallIntegerField(null=True, blank=True)
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    hold_s = models.PositiveSmallIntegerField(null=True, blank=True)
    breaths = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    times_per_day = models.PositiveSmallIntegerField(null=True, blank=True)
    days_per_week = models.PositiveSmallIntegerField()
    cues = models.TextField(blank=True, default="")
    is_taught_back = models.BooleanField(default=False)
    started_on = models.DateField()
    stopped_on = models.DateField(null=True, blank=True)
    stop_reason = models.CharField(max_length=200, blank=True, default="")
    prescribed_by = user_key()
    prescribed_by_name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("case", "stopped_on"), name="rls_prescription_case"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(days_per_week__gte=1, days_per_week__lte=7), name="rls_prescription_days"
            ),
            models.CheckConstraint(condition=models.Q(side__in=("", "L", "R", "B")), name="rls_prescription_side"),
        )


class CertificationDate(Row):
    """One date of a plan's certification: sent out, certified, or reported on. Never changed; the newest one counts."""

    class Kind(models.TextChoices):
        SENT = "sent", _("sent to be signed")
        CERTIFIED = "certified", _("certified")
        REPORT = "report", _("progress report written")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="certification_dates")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="certification_dates")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="certification_dates")
    kind = CodeField(max_length=9, choices=Kind)
    happened_on = models.DateField()
    holds_until = models.DateField(null=True, blank=True)  # what was certified ends
    visits = models.PositiveSmallIntegerField(null=True, blank=True)  # that were authorised with it
    party = models.CharField(max_length=200, blank=True, default="")  # who signed, or to whom it went
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("case", "kind", "happened_on"), name="rls_certificationdate_case"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=("sent", "certified", "report")), name="rls_certificationdate_kind"
            ),
        )

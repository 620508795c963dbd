"""One chart a patient, its cases, their milestones and the activities that the patient named."""

from __future__ import annotations

from django.db import models

from rls_module.host.fields import CodeField, HostForeignKey
from rls_module.host.rows import Row, user_key


class Chart(Row):
    """One per patient and the only key to the host's patient; every other patient-level row hangs from it."""

    patient = HostForeignKey(on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient",), name="rls_chart_patient"),)
        indexes = (models.Index(fields=("scope",), name="rls_chart_scope"),)

    def __str__(self) -> str:
        """Name the way out: whoever deletes a patient meets this row, in Django's error and in its admin."""
        return f"Chart {self.pk} (kept by rls_module; manage.py rls_release erases it)"


class Case(Row):
    """One episode of RLS care on a chart; at most one is open."""

    class Reason(models.TextChoices):
        PRIMARY = "primary"
        INCIDENTAL = "incidental"

    class Status(models.TextChoices):
        OPEN = "open"
        ON_HOLD = "on_hold"
        CLOSED = "closed"

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="cases")
    reason = CodeField(max_length=12, choices=Reason)
    status = CodeField(max_length=8, choices=Status, default=Status.OPEN)
    open_key = models.BigIntegerField(null=True, blank=True, unique=True)
    opened_on = models.DateField()
    opened_by = user_key()
    opened_by_name = models.CharField(max_length=200)
    opening_note = models.TextField(blank=True, default="")
    known_elsewhere = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    replan_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=("open", "on_hold", "closed")), name="rls_case_status"
            ),
            models.CheckConstraint(
                condition=models.Q(status="closed", open_key=None) | ~models.Q(status="closed"),
                name="rls_case_open_key",
            ),
        )
        indexes = (models.Index(fields=("replan_at",), name="rls_case_replan"),)

    @property
    def is_open(self) -> bool:
        """True until the case is closed; a case on hold is open."""
        return self.status != self.Status.CLOSED


class Milestone(Row):
    """Something with a date that a schedule can hang from."""

    class Kind(models.TextChoices):
        FIRST_VISIT = "first_visit"
        VISIT_SIGNED = "visit_signed"
        PLAN_SIGNED = "plan_signed"
        DISCHARGE = "discharge"
        DATE = "date"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="milestones")
    kind = CodeField(max_length=16, choices=Kind)
    on = models.DateField()
    ref = models.CharField(max_length=80)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("case", "kind", "ref"), name="rls_milestone_once"),)


class Activity(Row):
    """An activity the patient named, asked about again at every check-in."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="activities")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=60)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(position__gte=1, position__lte=3), name="rls_activity_position"),
        )

"""Assessment and Finding: one examination is one set of rows; the next one stands beside it, never over it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import Case, Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


class Assessment(Row):
    """One examination. Append-only: a re-assessment is a new row, and what was found stays as it was written."""

    class NerveVessel(models.TextChoices):
        ALL_NORMAL = "all_normal", _("all normal")
        DETAILS = "details", _("not all normal")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="assessments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    assessed_on = models.DateField()
    nerve_vessel = CodeField(max_length=10, choices=NerveVessel)
    nerve_vessel_note = models.TextField(blank=True, default="")
    red_flags = models.JSONField(default=list, blank=True)  # keys of the red flag vocabulary; empty = asked, none
    red_flags_note = models.TextField(blank=True, default="")
    is_none_found = models.BooleanField(default=False)
    note = models.TextField(blank=True, default="")
    assessed_by = user_key()
    assessed_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("case", "assessed_on"), name="rls_assessment_case_on"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(nerve_vessel__in=("all_normal", "details")), name="rls_assessment_nerve_vessel"
            ),
        )


class Finding(Row):
    """Something found at one place of the body: where, which side, what kind, how much (0 to 3)."""

    class Kind(models.TextChoices):
        TAUT_BAND = "taut_band", _("taut band, trigger point")
        TENDER = "tender", _("tender")
        DENSE = "dense", _("dense fascia")
        LIMITED = "limited", _("limited movement")
        WEAK = "weak", _("weak")
        POSTURE = "posture", _("posture")
        SENSATION = "sensation", _("changed sensation")
        OTHER = "other", _("other")

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField()
    kind = CodeField(max_length=10, choices=Kind)
    place = models.CharField(max_length=60)  # a muscle, a fascial point or a region, by its key
    place_kind = models.CharField(max_length=10)  # muscle, point, region
    side = models.CharField(max_length=1, blank=True, default="")
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "position"), name="rls_finding_position"),
            models.CheckConstraint(condition=models.Q(grade=None) | models.Q(grade__lte=3), name="rls_finding_grade"),
            models.CheckConstraint(condition=models.Q(side__in=("", "L", "R", "B", "M")), name="rls_finding_side"),
        )

"""The clinic's own material, one set per scope: exercises, plan templates, policy, billing, licences, instruments."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key
from rls_module.knowledge.files import IMPORTED


class Exercise(Row):
    """One exercise of a clinic's library, in its own words; `name`, `cues` and `precautions` are language -> text."""

    class Family(models.TextChoices):
        POSTURAL = "postural", _("postural")
        STRENGTH = "strength", _("strength")
        AEROBIC = "aerobic", _("aerobic")
        STRETCH = "stretch", _("stretch")
        BALANCE = "balance", _("balance")
        OTHER = "other", _("other")

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=40)
    name = models.JSONField()
    family = CodeField(max_length=10, choices=Family)
    region = models.CharField(max_length=40, blank=True, default="")
    cues = models.JSONField(default=dict, blank=True)
    precautions = models.JSONField(default=dict, blank=True)
    is_sided = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="rls_exercise_key"),)


class PlanTemplate(Row):
    """What a clinic's plans may begin from. A plan copies it with its version: later edits reach no plan."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    times_per_week = models.PositiveSmallIntegerField()
    weeks = models.PositiveSmallIntegerField()
    planned_sessions = models.PositiveSmallIntegerField()
    review_weeks = models.PositiveSmallIntegerField()
    interventions = models.JSONField(default=list)  # [{modality, note}], in the order they lead
    precautions = models.TextField(blank=True, default="")
    topics = models.JSONField(default=list, blank=True)  # keys of what is explained
    education = models.TextField(blank=True, default="")
    discharge_criteria = models.TextField(blank=True, default="")
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="rls_plantemplate_key"),)


class ClinicPolicy(Row):
    """How one clinic works; a clinic without a row works by the defaults that stand here."""

    scope = models.CharField(max_length=64, unique=True)
    weekdays = models.JSONField(default=list, blank=True)  # 0 = Monday; empty = Monday to Friday
    opens_at = models.TimeField(default=time(8))
    closes_at = models.TimeField(default=time(18))
    closed_days = models.JSONField(default=list, blank=True)  # ISO dates
    needling_consent_months = models.PositiveSmallIntegerField(default=12)
    reassess_weeks = models.PositiveSmallIntegerField(default=6)
    shows_patient_trend = models.BooleanField(default=False)
    irls_counts_from = models.PositiveSmallIntegerField(default=5)  # points of the IRLS from which a change counts
    ears_reversed = models.JSONField(default=list, blank=True)  # the items of the EARS that run in reverse, by number
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "clinic policy"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="rls_clinicpolicy_hours"
            ),
        )


class BillingTable(Row):
    """One version of what a clinic bills by; versions are kept, and a note counts by the one it was signed under.

    `codes` are {code, label, is_timed} in order, with the clinic's own labels; `kinds` is kind of work -> code.
    """

    class Rule(models.TextChoices):
        CMS = "CMS", _("all timed minutes together (CMS, eight minutes)")
        AMA = "AMA", _("each code by itself (eight minutes each)")

    scope = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    rule = CodeField(max_length=3, choices=Rule, default=Rule.CMS)
    both_sides_count_twice = models.BooleanField(default=True)
    codes = models.JSONField()
    kinds = models.JSONField(default=dict, blank=True)
    warns_without_notice = models.BooleanField(default=True)
    certify_days = models.PositiveSmallIntegerField(default=30)  # from the first treatment to the certification
    recertify_days = models.PositiveSmallIntegerField(default=90)  # that a certification holds at most
    report_visits = models.PositiveSmallIntegerField(default=10)  # treatment days from one progress report to the next
    reason = models.CharField(max_length=400, blank=True, default="")
    written_by = user_key()
    written_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("scope", "number"), name="rls_billingtable_number"),
            models.CheckConstraint(condition=models.Q(rule__in=("CMS", "AMA")), name="rls_billingtable_rule"),
        )


class Licence(Row):
    """What allows an instrument's wording to be used: a holder's permission, or the second reader's sign-off."""

    class Kind(models.TextChoices):
        PERMISSION = "permission", _("permission of the holder")
        WORDING_REVIEW = "wording_review", _("second reader's sign-off")

    scope = models.CharField(max_length=64)
    kind = CodeField(max_length=16, choices=Kind)
    instrument = models.CharField(max_length=40)
    instrument_version = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    holder = models.CharField(max_length=200)
    note = models.TextField(blank=True, default="")
    granted_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by_name = models.CharField(max_length=200, blank=True, default="")
    revoked_because = models.TextField(blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("scope", "instrument", "language"), name="rls_licence_wording"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=("permission", "wording_review")), name="rls_licence_kind"
            ),
        )


class ImportedInstrument(Row):
    """One version of an instrument that a clinic brought in, as it was read; a correction is the next version.

    `wording` is language -> words; the hash is over both. `licence` is the permission where the words are somebody
    else's: the register's entry for English when it was imported. Only being retired is ever added.
    """

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    structure = models.JSONField()
    wording = models.JSONField()
    content_hash = models.CharField(max_length=64)
    licence = models.ForeignKey(
        Licence, null=True, blank=True, on_delete=models.PROTECT, related_name="imported_instruments"
    )
    imported_by = user_key()
    imported_by_name = models.CharField(max_length=200)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by_name = models.CharField(max_length=200, blank=True, default="")
    retired_because = models.TextField(blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("scope", "key", "version"), name="rls_importedinstrument_version"),
        )

    @property
    def is_licensed(self) -> bool:
        """Whether the words are somebody else's: asked only under a permission in force, and in no export.

        Words for a structure that is shipped without any are always somebody's, whoever brought them in.
        """
        return self.licence_id is not None or not self.key.startswith(IMPORTED)

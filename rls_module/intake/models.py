"""Screen, Intake, CriteriaReview, LabPanel, Medication, AugmentationScreen, Referral: known before hands go on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import Case, Chart, Response
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


class Screen(Row):
    """The result of a screen is computed once and kept with its algorithm version; a decision follows it."""

    class Result(models.TextChoices):
        FITS = "fits"
        UNCLEAR = "unclear"
        DOES_NOT_FIT = "does_not_fit"
        KNOWN = "known"

    class Decision(models.TextChoices):
        OPEN_CASE = "open_case", _("case opened")
        NOT_RLS = "not_rls", _("saved as “not RLS”")
        LATER = "later", _("decided later")
        DECLINED = "declined", _("the patient declined")
        ASK_AGAIN = "ask_again", _("to ask again next visit")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="screens")
    response = models.OneToOneField(Response, null=True, blank=True, on_delete=models.PROTECT, related_name="screen")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="screens")
    result = CodeField(max_length=12, choices=Result)
    criteria = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=list, blank=True)
    algorithm = models.CharField(max_length=20)
    decision = CodeField(max_length=10, choices=Decision, blank=True, default="")
    decision_note = models.TextField(blank=True, default="")
    screened_by = user_key()
    screened_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(result__in=("fits", "unclear", "does_not_fit", "known")), name="rls_screen_result"
            ),
        )


class Intake(Row):
    """One intake in the room, saved section by section; submitted, it becomes a Response and is no longer changed.

    Where the patient answered ahead, `sent` is that sitting, which stays as it is: this row is its review.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("begun")
        SUBMITTED = "submitted", _("complete")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="intakes")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="intakes")
    open_key = models.BigIntegerField(null=True, blank=True, unique=True)  # one draft a case; NULLs do not collide
    status = CodeField(max_length=9, choices=Status, default=Status.DRAFT)
    instrument = models.CharField(max_length=40)
    instrument_version = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    answers = models.JSONField(default=dict, blank=True)  # item -> answer, of the sections saved so far
    saved = models.JSONField(default=list, blank=True)  # the sections that the therapist saved: of `sent`, confirmed
    sent = models.OneToOneField(Response, null=True, blank=True, on_delete=models.PROTECT, related_name="review")
    response = models.OneToOneField(Response, null=True, blank=True, on_delete=models.PROTECT, related_name="intake")
    started_by = user_key()
    started_by_name = models.CharField(max_length=200)
    submitted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(status__in=("draft", "submitted")), name="rls_intake_status"),
        )


class CriteriaReview(Row):
    """One judgement of the five criteria by a clinician, with its inputs; append-only, the newest one counts."""

    class Result(models.TextChoices):
        MET = "MET", _("consistent with RLS")
        NOT_MET = "NOT_MET", _("not consistent with RLS")
        INCOMPLETE = "INCOMPLETE", _("not complete yet")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="criteria_reviews")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="criteria_reviews")
    answers = models.JSONField()  # e1..e4 {current, past}, e5, past_reasons, mimic
    mimics = models.JSONField(default=dict, blank=True)  # mimic -> present | considered_excluded
    e5_reason = models.TextField(blank=True, default="")
    clinically_significant = models.CharField(max_length=6, blank=True, default="")
    supportive = models.JSONField(default=dict, blank=True)  # supportive feature -> yes, no, unsure
    course = models.CharField(max_length=20, blank=True, default="")
    result = CodeField(max_length=10, choices=Result)
    reasons = models.JSONField(default=list, blank=True)
    from_past = models.JSONField(default=list, blank=True)
    labels = models.JSONField(default=list, blank=True)
    algorithm = models.CharField(max_length=20)
    reviewed_by = user_key()
    reviewed_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("case", "created_at"), name="rls_criteriareview_case"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(result__in=("MET", "NOT_MET", "INCOMPLETE")), name="rls_criteriareview_result"
            ),
        )


class LabPanel(Row):
    """One set of iron values as it stood on a report. Wrong ones are marked as such and stay."""

    class Source(models.TextChoices):
        DOCUMENT = "document", _("document seen")
        PATIENT = "patient", _("told by the patient")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="lab_panels")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="lab_panels")
    collected_on = models.DateField()
    source = CodeField(max_length=8, choices=Source)
    laboratory = models.CharField(max_length=200, blank=True, default="")
    assay = models.CharField(max_length=100, blank=True, default="")
    fasting = models.CharField(max_length=7, blank=True, default="")  # yes, no, unknown
    morning = models.CharField(max_length=7, blank=True, default="")
    iron_free_24h = models.CharField(max_length=7, blank=True, default="")
    specialist_reason = models.CharField(max_length=20, blank=True, default="")  # esrd, pregnant, recent_infusion
    crp_limit = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    entered = models.JSONField()  # analyte -> {value, unit}, as typed
    canonical = models.JSONField()  # analyte -> value in its canonical unit, as text
    flag = models.CharField(max_length=24)
    modifiers = models.JSONField(default=list, blank=True)
    algorithm = models.CharField(max_length=20)
    persists = models.BooleanField(default=False)  # iron is normal, and the restless legs are there all the same
    note = models.TextField(blank=True, default="")
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)
    void_at = models.DateTimeField(null=True, blank=True)
    void_by_name = models.CharField(max_length=200, blank=True, default="")
    void_because = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("chart", "collected_on"), name="rls_labpanel_chart_on"),)


class Medication(Row):
    """One medicine or iron that the patient takes or took: recorded here, never changed by anybody here."""

    class Indication(models.TextChoices):
        LEGS = "legs", _("for the legs")
        OTHER = "other", _("for something else")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="medications")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="medications")
    name = models.CharField(max_length=120)  # as told
    code = models.CharField(max_length=60, blank=True, default="")  # key of the medicines vocabulary, where known
    indication = CodeField(max_length=5, choices=Indication)
    dose = models.CharField(max_length=60, blank=True, default="")
    times = models.CharField(max_length=60, blank=True, default="")
    started_on = models.DateField(null=True, blank=True)
    changed_on = models.DateField(null=True, blank=True)
    change_note = models.CharField(max_length=200, blank=True, default="")
    stopped_on = models.DateField(null=True, blank=True)
    stop_reason = models.CharField(max_length=200, blank=True, default="")
    prescriber = models.CharField(max_length=120, blank=True, default="")
    helps = models.PositiveSmallIntegerField(null=True, blank=True)  # 0 to 10
    side_effects = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True, default="")
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("chart", "stopped_on"), name="rls_medication_chart"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(helps=None) | models.Q(helps__lte=10), name="rls_medication_helps"
            ),
        )


class AugmentationScreen(Row):
    """One screen for augmentation with its inputs and result; append-only, the newest one counts."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="augmentation_screens")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="augmentation_screens")
    answers = models.JSONField()  # question -> yes, no, unknown; clock times in minutes after midnight
    result = models.CharField(max_length=12)  # pattern, possible, none, not_screened
    parts = models.JSONField(default=dict, blank=True)  # a, b, c1, c2 -> yes, no, unknown
    algorithm = models.CharField(max_length=20)
    note = models.CharField(max_length=400, blank=True, default="")
    screened_by = user_key()
    screened_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("case", "created_at"), name="rls_augmentation_case"),)


class Referral(Row):
    """A patient was sent to a physician, and why. Never changed; what came of it is a row of its own."""

    class Urgency(models.TextChoices):
        NOW = "now", _("today")
        DAYS = "days", _("within days")
        ROUTINE = "routine", _("at the next chance")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="referrals")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals")
    to_kind = models.CharField(max_length=120)  # family physician, emergency department
    to_name = models.CharField(max_length=120, blank=True, default="")
    urgency = CodeField(max_length=7, choices=Urgency)
    red_flags = models.JSONField(default=list, blank=True)  # keys of the red flag vocabulary
    reason = models.TextField(blank=True, default="")
    referred_on = models.DateField()
    referred_by = user_key()
    referred_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("case", "referred_on"), name="rls_referral_case"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(urgency__in=("now", "days", "routine")), name="rls_referral_urgency"
            ),
        )

    @property
    def to(self) -> str:
        """Whom the patient was sent to, as it stands on the letter."""
        return ", ".join(filter(None, (self.to_name, self.to_kind)))


class ReferralOutcome(Row):
    """What came of a referral; append-only, the newest one counts."""

    class Kind(models.TextChoices):
        WRITTEN = "written", _("the physician wrote or called")
        TOLD = "told", _("the patient told us")
        NOT_SEEN = "not_seen", _("the patient was not seen")
        IN_ERROR = "in_error", _("entered in error: the red flags are open again")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="outcomes")
    kind = CodeField(max_length=8, choices=Kind)
    answered_on = models.DateField()
    note = models.TextField()
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=("written", "told", "not_seen", "in_error")),
                name="rls_referraloutcome_kind",
            ),
        )

"""Visit and its typed rows, adverse events, financial notices. Triggers guard what is signed or kept for good."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import Case, Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


class Visit(Row):
    """One note. `host_visit` is a reference string: the host's visit may be gone, elsewhere or never have been."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SIGNED = "signed", _("signed")
        DISCARDED = "discarded", _("discarded")

    class Since(models.TextChoices):
        WORSE = "worse", _("worse")
        SAME = "same", _("same")
        BETTER = "better", _("better")

    class Reaction(models.TextChoices):
        NONE = "none", _("none")
        SORE = "sore", _("sore")
        OTHER = "other", _("other")
        FIRST = "first", _("no treatment yet")

    class Safety(models.TextChoices):
        UNCHANGED = "unchanged", _("asked, nothing changed")
        CHANGED = "changed", _("changed")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="visits")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits")
    host_visit = models.CharField(max_length=200, blank=True, default="")
    visit_date = models.DateField()
    visit_started_at = models.DateTimeField(null=True, blank=True)
    status = CodeField(max_length=9, choices=Status, default=Status.DRAFT)
    author = user_key()
    author_name = models.CharField(max_length=200)
    since_last = CodeField(max_length=6, choices=Since, blank=True, default="")
    nights = models.PositiveSmallIntegerField(null=True, blank=True)
    reaction = CodeField(max_length=6, choices=Reaction, blank=True, default="")
    reaction_note = models.TextField(blank=True, default="")
    safety = CodeField(max_length=9, choices=Safety, blank=True, default="")
    safety_note = models.TextField(blank=True, default="")
    findings = models.TextField(blank=True, default="")
    needles_out = models.PositiveSmallIntegerField(null=True, blank=True)
    discrepancy_note = models.TextField(blank=True, default="")  # what became of a needle that did not come out
    patient_checked = models.BooleanField(default=False)
    aftercare_given = models.BooleanField(default=False)
    no_treatment_because = models.TextField(blank=True, default="")
    response = models.TextField(blank=True, default="")
    timed_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    total_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    unit_code = models.CharField(max_length=12, blank=True, default="")  # gets the unit where codes tie for it
    next_time = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=("draft", "signed", "discarded")), name="rls_visit_status"
            ),
            models.CheckConstraint(
                condition=models.Q(nights=None) | models.Q(nights__gte=0, nights__lte=7), name="rls_visit_nights"
            ),
        )
        indexes = (
            models.Index(fields=("case", "visit_date"), name="rls_visit_case_date"),
            models.Index(fields=("author", "status"), name="rls_visit_author_status"),
            models.Index(fields=("host_visit",), name="rls_visit_host_visit"),
        )

    @property
    def is_draft(self) -> bool:
        """True while the author may still change it."""
        return self.status == self.Status.DRAFT


class TreatmentRow(Row):
    """A row of what was done; one that was carried forward from an earlier visit waits until somebody looks at it."""

    position = models.PositiveSmallIntegerField()
    carried_from = models.UUIDField(null=True, blank=True)  # the row of the earlier visit
    is_unreviewed = models.BooleanField(default=False)

    class Meta:
        abstract = True


class NeedlingSite(TreatmentRow):
    """One muscle needled on one side: what went in. What came out is counted for the session, by itself."""

    class Side(models.TextChoices):
        LEFT = "L", _("L")
        RIGHT = "R", _("R")
        BOTH = "B", _("both")
        MIDLINE = "M", _("mid")

    class Technique(models.TextChoices):
        DEEP_PISTONING = "deep_pistoning", _("deep, pistoning")
        SUPERFICIAL = "superficial", _("superficial")
        IN_SITU = "in_situ", _("left in place")
        ELECTRICAL = "electrical", _("with current")

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="needling_sites")
    muscle = models.CharField(max_length=60)
    side = CodeField(max_length=1, choices=Side, blank=True, default="")
    technique = CodeField(max_length=14, choices=Technique, blank=True, default="")
    gauge_mm = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    length_mm = models.PositiveSmallIntegerField(null=True, blank=True)
    needles_in = models.PositiveSmallIntegerField(null=True, blank=True)
    twitch = models.BooleanField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("visit", "position"), name="rls_needlingsite_position"),
            models.CheckConstraint(condition=models.Q(side__in=("", "L", "R", "B", "M")), name="rls_needlingsite_side"),
        )


class FascialPoint(TreatmentRow):
    """One fascial point treated on one side, with what the hands and the movement said before and after (0 to 3)."""

    class Side(models.TextChoices):
        LEFT = "L", _("L")
        RIGHT = "R", _("R")
        BOTH = "B", _("both")

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="fascial_points")
    point = models.CharField(max_length=16)  # canonical code of the grammar, er-pe
    side = CodeField(max_length=1, choices=Side, blank=True, default="")
    palpation_before = models.PositiveSmallIntegerField(null=True, blank=True)
    palpation_after = models.PositiveSmallIntegerField(null=True, blank=True)
    movement_before = models.PositiveSmallIntegerField(null=True, blank=True)
    movement_after = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    is_balance = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("visit", "position"), name="rls_fascialpoint_position"),
            models.CheckConstraint(condition=models.Q(side__in=("", "L", "R", "B")), name="rls_fascialpoint_side"),
            *(
                models.CheckConstraint(
                    condition=models.Q(**{grade: None}) | models.Q(**{f"{grade}__lte": 3}),
                    name=f"rls_fascialpoint_{short}",
                )
                for grade, short in (
                    ("palpation_before", "pb"),
                    ("palpation_after", "pa"),
                    ("movement_before", "mb"),
                    ("movement_after", "ma"),
                )
            ),
        )


class PerformedExercise(TreatmentRow):
    """One exercise done or taught in the visit; named from the clinic's library, or in the therapist's own words."""

    class Quality(models.TextChoices):
        GOOD = "good", _("good")
        FAIR = "fair", _("fair")
        POOR = "poor", _("poor")

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="exercises")
    exercise = models.CharField(max_length=40, blank=True, default="")  # key in the clinic's library
    name = models.CharField(max_length=120)  # as it was called on that day
    side = models.CharField(max_length=1, blank=True, default="")
    sets = models.PositiveSmallIntegerField(null=True, blank=True)
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    hold_s = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    quality = CodeField(max_length=4, choices=Quality, blank=True, default="")
    code = models.CharField(max_length=12, blank=True, default="")  # under which it is billed; "-" under none
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("visit", "position"), name="rls_performedexercise_position"),
            models.CheckConstraint(condition=models.Q(side__in=("", "L", "R", "B")), name="rls_performedexercise_side"),
        )


class AdverseEvent(Row):
    """Something that treatment may have done to a patient. Never changed; what came of it is a row of its own."""

    class Tier(models.TextChoices):
        MINOR = "minor", _("minor")
        SIGNIFICANT = "significant", _("significant")
        SERIOUS = "serious", _("serious")

    class Onset(models.TextChoices):
        DURING = "during", _("during treatment")
        WITHIN_DAY = "within_day", _("within 24 hours")
        LATER = "later", _("later")

    class Relation(models.TextChoices):
        CERTAIN = "certain", _("certain")
        PROBABLE = "probable", _("probable")
        POSSIBLE = "possible", _("possible")
        UNLIKELY = "unlikely", _("unlikely")

    class Outcome(models.TextChoices):
        RESOLVED = "resolved", _("resolved")
        ONGOING = "ongoing", _("still going on")
        UNKNOWN = "unknown", _("not known yet")

    class Source(models.TextChoices):
        VISIT = "visit", _("seen or told in the clinic")
        PHONE = "phone", _("told on the phone")
        OTHER = "other", _("heard otherwise")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="adverse_events")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="adverse_events")
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="adverse_events")
    event = models.CharField(max_length=24)  # key of knowledge.safety.adverse
    tier = CodeField(max_length=11, choices=Tier)
    occurred_on = models.DateField()
    onset = CodeField(max_length=10, choices=Onset)
    relation = CodeField(max_length=8, choices=Relation)
    muscle = models.CharField(max_length=60, blank=True, default="")
    description = models.TextField(blank=True, default="")
    action_taken = models.TextField()
    outcome = CodeField(max_length=8, choices=Outcome)
    resolved_on = models.DateField(null=True, blank=True)
    reported_to = models.CharField(max_length=200, blank=True, default="")
    source = CodeField(max_length=5, choices=Source)
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("case", "occurred_on"), name="rls_adverseevent_case"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(tier__in=("minor", "significant", "serious")), name="rls_adverseevent_tier"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=("resolved", "ongoing", "unknown")), name="rls_adverseevent_outcome"
            ),
        )


class AdverseEventFollowUp(Row):
    """What came of an adverse event later; append-only, the newest one counts."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(AdverseEvent, on_delete=models.PROTECT, related_name="follow_ups")
    outcome = CodeField(max_length=8, choices=AdverseEvent.Outcome)
    told_on = models.DateField()
    note = models.TextField()
    reported_to = models.CharField(max_length=200, blank=True, default="")
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(outcome__in=("resolved", "ongoing", "unknown")),
                name="rls_adverseeventfollowup_outcome",
            ),
        )


class Addendum(Row):
    """What was said about a signed note later, signed by whoever said it; append-only."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField()
    author = user_key()
    author_name = models.CharField(max_length=200)


class FinancialNotice(Row):
    """What a patient was told to pay, and signed, before treatment. Never changed: a later one takes its place."""

    class Kind(models.TextChoices):
        SELF_PAY = "self_pay", _("the patient pays for needling")
        PAYER_FORM = "payer_form", _("the form that the payer asks for")
        OTHER = "other", _("another notice")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="financial_notices")
    kind = CodeField(max_length=10, choices=Kind)
    amount = models.CharField(max_length=60, blank=True, default="")  # as the patient was told it
    signed_on = models.DateField()
    holds_until = models.DateField(null=True, blank=True)
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("chart", "signed_on"), name="rls_financialnotice_chart"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=("self_pay", "payer_form", "other")), name="rls_financialnotice_kind"
            ),
        )

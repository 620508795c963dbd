"""Assessment with its Complaints, ExamResults and Findings: the next examination stands beside it, never over it.

What is still being written is an AssessmentDraft: its writer's own, judged by nobody, gone once it is kept.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import Case, Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key

_SIDE = models.Q(side__in=("", "L", "R", "B", "M"))


class Assessment(Row):
    """One examination. Append-only: a re-assessment is a new row, and what was found stays as it was written."""

    class NerveVessel(models.TextChoices):
        ALL_NORMAL = "all_normal", _("all normal")
        DETAILS = "details", _("not all normal")

    class Dominance(models.TextChoices):
        RIGHT = "right", _("right")
        LEFT = "left", _("left")
        BOTH = "both", _("both")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="assessments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    assessed_on = models.DateField()
    dominance = CodeField(max_length=5, choices=Dominance, blank=True, default="")
    work = models.CharField(max_length=120, blank=True, default="")
    sport = models.CharField(max_length=120, blank=True, default="")
    nerve_vessel = CodeField(max_length=10, choices=NerveVessel)
    nerve_vessel_note = models.TextField(blank=True, default="")
    patterns = models.JSONField(default=list, blank=True)  # keys of the test vocabulary, as the therapist names them
    hypothesis = models.TextField(blank=True, default="")
    planes = models.JSONField(default=list, blank=True)  # sagittal, frontal, horizontal
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


class Complaint(Row):
    """What the patient tells of one site: pain now, beside it or earlier, an injury, a changed feeling."""

    class Kind(models.TextChoices):
        SITE = "site", _("main site of pain")
        CONCOMITANT = "concomitant", _("pain beside it")
        PREVIOUS = "previous", _("pain earlier")
        TRAUMA = "trauma", _("injury")
        FRACTURE = "fracture", _("fracture")
        SURGERY = "surgery", _("operation")
        ORGAN = "organ", _("trouble of an organ")
        PARAESTHESIA = "paraesthesia", _("changed feeling in head, hands or feet")

    class Course(models.TextChoices):
        CONTINUOUS = "continuous", _("all the time")
        RECURRENT = "recurrent", _("comes and goes")

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="complaints")
    position = models.PositiveSmallIntegerField()
    kind = CodeField(max_length=12, choices=Kind)
    place = models.CharField(max_length=60)  # a muscle, a fascial point or a region, by its key
    place_kind = models.CharField(max_length=10)  # muscle, point, region
    side = models.CharField(max_length=1, blank=True, default="")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    since = models.CharField(max_length=60, blank=True, default="")
    course = CodeField(max_length=10, choices=Course, blank=True, default="")
    how_often = models.CharField(max_length=60, blank=True, default="")
    pain_now = models.PositiveSmallIntegerField(null=True, blank=True)  # 0 to 10
    pain_worst = models.PositiveSmallIntegerField(null=True, blank=True)  # 0 to 10
    worse_when = models.CharField(max_length=60, blank=True, default="")
    movement = models.CharField(max_length=60, blank=True, default="")  # what provokes it: a code or words
    movement_pain = models.PositiveSmallIntegerField(null=True, blank=True)  # 0 to 10
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "position"), name="rls_complaint_position"),
            models.CheckConstraint(condition=_SIDE, name="rls_complaint_side"),
            *(
                models.CheckConstraint(
                    condition=models.Q(**{name: None}) | models.Q(**{f"{name}__lte": 10}), name=f"rls_complaint_{name}"
                )
                for name in ("pain_now", "pain_worst", "movement_pain")
            ),
        )


class ExamResult(Row):
    """One answer of one test: a code of the test vocabulary, or a number in the test's unit; of one side, one stage."""

    class Stage(models.TextChoices):
        AFTER = "after", _("after repositioning")

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="exam_results")
    position = models.PositiveSmallIntegerField()
    test = models.CharField(max_length=40)
    side = models.CharField(max_length=1, blank=True, default="")
    stage = CodeField(max_length=5, choices=Stage, blank=True, default="")
    answer = models.CharField(max_length=20, blank=True, default="")
    number = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "position"), name="rls_examresult_position"),
            models.CheckConstraint(condition=_SIDE, name="rls_examresult_side"),
            models.CheckConstraint(
                condition=(models.Q(answer="") & ~models.Q(number=None))
                | (~models.Q(answer="") & models.Q(number=None)),
                name="rls_examresult_one_answer",
            ),
        )


class Finding(Row):
    """Something found at one place of the body: where, which side, what kind, how much (0 to 3), how sore (0 to 10)."""

    class Kind(models.TextChoices):
        TRIGGER_POINT = "trigger_point", _("trigger point")
        DENSE = "dense", _("dense fascia")
        MOVEMENT = "movement", _("movement")
        TENDER = "tender", _("tender")
        POSTURE = "posture", _("posture")
        URGE = "urge", _("restless, urge to move")
        PAIN = "pain", _("pain")
        TINGLING = "tingling", _("tingling")
        NUMB = "numb", _("numb")
        CRAMP = "cramp", _("cramp")
        SCAR = "scar", _("scar")
        OTHER = "other", _("other")

    class Activity(models.TextChoices):
        ACTIVE = "active", _("active")
        LATENT = "latent", _("latent")

    class Sign(models.TextChoices):
        PAINFUL = "painful", _("painful")
        WEAK = "weak", _("weak")
        LIMITED = "limited", _("limited")

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField()
    kind = CodeField(max_length=13, choices=Kind)
    place = models.CharField(max_length=60)  # a muscle, a fascial point or a region, by its key
    place_kind = models.CharField(max_length=10)  # muscle, point, region
    side = models.CharField(max_length=1, blank=True, default="")
    grade = models.PositiveSmallIntegerField(null=True, blank=True)  # 0 none to 3 most altered
    activity = CodeField(max_length=6, choices=Activity, blank=True, default="")  # of a trigger point
    signs = models.JSONField(default=list, blank=True)  # of a movement
    pain = models.PositiveSmallIntegerField(null=True, blank=True)  # 0 to 10
    spreads_to = models.CharField(max_length=120, blank=True, default="")  # where the pain is referred or radiates to
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "position"), name="rls_finding_position"),
            models.CheckConstraint(condition=models.Q(grade=None) | models.Q(grade__lte=3), name="rls_finding_grade"),
            models.CheckConstraint(condition=models.Q(pain=None) | models.Q(pain__lte=10), name="rls_finding_pain"),
            models.CheckConstraint(condition=_SIDE, name="rls_finding_side"),
        )


class AssessmentDraft(Row):
    """What one therapist has typed of an examination that is not kept yet: the page's fields as they were sent."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    author = user_key()
    typed = models.JSONField(default=dict, blank=True)  # field -> values
    version = models.PositiveIntegerField(default=1)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("case", "author"), name="rls_assessment_draft_of_author"),)

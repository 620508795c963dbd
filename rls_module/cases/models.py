"""Chart, Case, Milestone, Activity, Response, Measurement, Task, Consent, Signature."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.host.fields import CodeField, HostForeignKey
from rls_module.host.rows import Row, user_key


class Chart(Row):
    """One per patient and the only key to the host's patient; every other patient-level row hangs from it."""

    patient = HostForeignKey(on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient",), name="rls_chart_patient"),)
        indexes = (models.Index(fields=("scope",), name="rls_chart_scope"),)


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


class Response(Row):
    """One sitting: answers keyed `instrument.item`, the pinned versions, the language, and who answered."""

    class Mode(models.TextChoices):
        SELF_WEB = "self_web", _("answered by link")
        IN_ROOM = "in_room", _("asked in the room")
        TABLET = "tablet", _("on the clinic's tablet")
        PAPER = "paper", _("on paper")
        PHONE = "phone", _("by phone")

    class State(models.TextChoices):
        FINAL = "final"
        SUPERSEDED = "superseded"
        VOID = "void"

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="responses")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="responses")
    instruments = models.JSONField()
    phase = models.CharField(max_length=10)
    language = models.CharField(max_length=10)
    mode = CodeField(max_length=10, choices=Mode)
    respondent_role = models.CharField(max_length=20, default="patient")
    answers = models.JSONField()
    missing = models.JSONField(default=dict, blank=True)
    answered_at = models.DateTimeField()
    entered_by = user_key()
    entered_by_name = models.CharField(max_length=200, blank=True, default="")
    state = CodeField(max_length=10, choices=State, default=State.FINAL)

    class Meta:
        indexes = (models.Index(fields=("chart", "answered_at"), name="rls_response_chart_at"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("final", "superseded", "void")), name="rls_response_state"
            ),
        )


class Measurement(Row):
    """One narrow row: measure, value, at, response, algorithm version. Outcomes read these."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="measurements")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="measurements")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="measurements")
    measure = models.CharField(max_length=80)
    subject = models.CharField(max_length=40, blank=True, default="")
    value = models.FloatField()
    at = models.DateTimeField()
    derived = models.BooleanField(default=False)
    algorithm = models.CharField(max_length=20)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("response", "measure", "subject"), name="rls_measurement_once"),)
        indexes = (models.Index(fields=("chart", "measure", "at"), name="rls_measurement_series"),)


class Task(Row):
    """Anything a person must do. `rule` and `params` say why in words that doors translate."""

    class Kind(models.TextChoices):
        ALERT = "alert"
        ADVERSE_EVENT = "adverse_event"
        CALL = "call"
        RED_FLAG = "red_flag"
        REVIEW = "review"

    class State(models.TextChoices):
        OPEN = "open"
        TAKEN = "taken"
        DONE = "done"

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="tasks")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    scope = models.CharField(max_length=64)
    kind = CodeField(max_length=14, choices=Kind)
    rule = models.CharField(max_length=40)
    params = models.JSONField(default=dict, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    owner = user_key()
    owner_name = models.CharField(max_length=200, blank=True, default="")
    state = CodeField(max_length=6, choices=State, default=State.OPEN)
    outcome = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by_name = models.CharField(max_length=200, blank=True, default="")
    cause_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=("open", "taken", "done")), name="rls_task_state"),
        )
        indexes = (models.Index(fields=("scope", "state", "due_at"), name="rls_task_open"),)


class Consent(Row):
    """What the patient agreed to, asked here when the host keeps no consent of its own. Withdrawn, never deleted."""

    class Purpose(models.TextChoices):
        EMAIL = "email"
        SURVEY = "survey"
        NEEDLING = "needling"
        RESEARCH = "research"

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="consents")
    purpose = CodeField(max_length=10, choices=Purpose)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    expires_on = models.DateField(null=True, blank=True)
    method = models.CharField(max_length=10, blank=True, default="")  # verbal, signed
    note = models.CharField(max_length=400, blank=True, default="")
    recorded_by = user_key()
    recorded_by_name = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_name = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("chart", "purpose"), name="rls_consent_purpose"),)


class Signature(Row):
    """Who signed what, when, and the hash of what they saw. Append-only; a co-signature is a row of its own."""

    class Meaning(models.TextChoices):
        AUTHOR = "author"
        COSIGN = "cosign"
        ENTERED_IN_ERROR = "entered_in_error"

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="signatures")
    kind = models.CharField(max_length=20)
    ref = models.UUIDField()
    meaning = CodeField(max_length=20, choices=Meaning)
    signer = user_key()
    signer_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)
    hash_version = models.PositiveSmallIntegerField(default=1)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "ref", "meaning"), name="rls_signature_once"),)

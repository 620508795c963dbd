"""Protocol to Delivery, and mail texts: one row for each thing that must happen; keys keep two writers apart."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from rls_module.cases.models import Case, Chart, Response
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


class Protocol(Row):
    """When a clinic asks its patients what; versions say how it was at a time."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=40)
    name = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="rls_protocol_key"),)


class ProtocolVersion(Row):
    """One released state of a protocol; never changed, only followed by the next."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    send_time = models.TimeField()
    open_rule = models.CharField(max_length=4, blank=True, default="")  # what became of open enrolments: keep or move
    reason = models.CharField(max_length=400, blank=True, default="")
    released_by = user_key()
    released_by_name = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("protocol", "number"), name="rls_protocolversion_number"),)


class Touchpoint(Row):
    """One time of asking. Its `step` key is stable across versions."""

    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="touchpoints")
    step = models.CharField(max_length=40)
    name = models.JSONField()
    anchor = models.CharField(max_length=16)
    offset_days = models.IntegerField()
    on_time_days = models.PositiveSmallIntegerField()
    window_days = models.PositiveSmallIntegerField()
    instruments = models.JSONField()
    reminder_days = models.JSONField(default=list, blank=True)
    call_after_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "step"), name="rls_touchpoint_step"),
            models.CheckConstraint(
                condition=models.Q(window_days__gte=models.F("on_time_days")), name="rls_touchpoint_window"
            ),
        )


class Enrolment(Row):
    """A chart on a protocol version; at most one is open per chart and protocol."""

    class State(models.TextChoices):
        ACTIVE = "active"
        STOPPED = "stopped"

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="enrolments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="enrolments")
    scope = models.CharField(max_length=64)
    state = CodeField(max_length=8, choices=State, default=State.ACTIVE)
    open_key = models.CharField(max_length=80, null=True, blank=True, unique=True)  # NULLs do not collide, blanks do
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=("active", "stopped")), name="rls_enrolment_state"),
        )


class Occurrence(Row):
    """One time of asking of one patient. Pins the instruments, owns the link and the zone it was planned in."""

    class State(models.TextChoices):
        OPEN = "open"
        ANSWERED = "answered"
        LATE = "late"
        MISSED = "missed"
        CANCELLED = "cancelled"
        SKIPPED = "skipped"

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="occurrences")
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="occurrences")
    scope = models.CharField(max_length=64)
    step = models.CharField(max_length=40)
    ordinal = models.PositiveIntegerField(default=1)
    state = CodeField(max_length=9, choices=State, default=State.OPEN)
    state_reason = models.CharField(max_length=40, blank=True, default="")
    anchor_on = models.DateField()
    due_on = models.DateField()
    send_time = models.TimeField()
    zone = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    on_time_until = models.DateTimeField()
    window_end = models.DateTimeField()
    call_at = models.DateTimeField(null=True, blank=True)
    instruments = models.JSONField(default=dict, blank=True)  # key -> version; empty where papers are to be read
    piped = models.JSONField(default=dict, blank=True)
    selector = models.CharField(max_length=22, unique=True)
    link_kid = models.CharField(max_length=20)
    link_version = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField(null=True, blank=True)
    response = models.OneToOneField(
        Response, null=True, blank=True, on_delete=models.PROTECT, related_name="occurrence"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("enrolment", "step", "ordinal"), name="rls_occurrence_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=("open", "answered", "late", "missed", "cancelled", "skipped")),
                name="rls_occurrence_state",
            ),
            models.CheckConstraint(condition=models.Q(window_end__gt=models.F("due_at")), name="rls_occurrence_window"),
        )
        indexes = (
            models.Index(fields=("scope", "state", "window_end"), name="rls_occurrence_window_end"),
            models.Index(fields=("scope", "state", "call_at"), name="rls_occurrence_call_at"),
        )

    @property
    def is_open(self) -> bool:
        """True while an answer may still come."""
        return self.state == self.State.OPEN


class Delivery(Row):
    """One message. The table is the queue: a claim takes a row by compare-and-set and holds it by a lease.

    `tries` counts claims and drives the waits between them; `attempts` counts claims too, but gives one back where the
    mail server answered: its cap is for rows that take their worker with them.
    """

    class Kind(models.TextChoices):
        INVITE = "invite"
        REMINDER = "reminder"
        SNOOZED = "snoozed"
        RESEND = "resend"

    class State(models.TextChoices):
        SCHEDULED = "scheduled"
        SENDING = "sending"
        RETRY = "retry"
        SENT = "sent"
        UNCERTAIN = "uncertain"
        BOUNCED = "bounced"
        SUPPRESSED = "suppressed"
        DEAD = "dead"
        CANCELLED = "cancelled"

    class Phase(models.TextChoices):
        NONE = "", "none"
        DATA = "data", "data"

    occurrence = models.ForeignKey(Occurrence, on_delete=models.PROTECT, related_name="deliveries")
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="deliveries")
    scope = models.CharField(max_length=64)
    kind = CodeField(max_length=8, choices=Kind)
    ordinal = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=100, default="email")
    state = CodeField(max_length=10, choices=State, default=State.SCHEDULED)
    state_reason = models.CharField(max_length=60, blank=True, default="")
    due_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    phase = CodeField(max_length=4, choices=Phase, blank=True, default=Phase.NONE)
    uncertain_count = models.PositiveSmallIntegerField(default=0)
    day_slot = models.CharField(max_length=40, null=True, blank=True, unique=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    smtp_code = models.PositiveSmallIntegerField(null=True, blank=True)
    address_hash = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("occurrence", "kind", "ordinal"), name="rls_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=(
                        "scheduled",
                        "sending",
                        "retry",
                        "sent",
                        "uncertain",
                        "bounced",
                        "suppressed",
                        "dead",
                        "cancelled",
                    )
                ),
                name="rls_delivery_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sending") | models.Q(lease_token__isnull=False), name="rls_delivery_lease"
            ),
        )
        verbose_name_plural = "deliveries"
        indexes = (
            models.Index(
                fields=("scope", "state", "next_attempt_at"),
                name="rls_delivery_due",
                condition=models.Q(state__in=("scheduled", "retry", "sending", "uncertain")),
            ),
        )


class Preference(Row):
    """What a patient chose about survey mail, and from where; reversible, and shown to the therapist."""

    chart = models.OneToOneField(Chart, on_delete=models.PROTECT, related_name="preference")
    mail_off_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=20, blank=True, default="")


class EngineState(models.Model):
    """The engine of one scope: its last tick by the database's clock, and whether it is paused."""

    scope = models.CharField(max_length=64, primary_key=True)
    last_tick_at = models.DateTimeField(db_default=Now())
    latest_now = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"EngineState {self.scope}"


class MailText(Row):
    """A clinic's own words for one of the mails in one language; versions are kept, the newest one is sent.

    An empty `body` says: from here on the shipped words again.
    """

    scope = models.CharField(max_length=64)
    name = models.CharField(max_length=20)  # of knowledge.mail_texts.NAMES
    language = models.CharField(max_length=10)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField(blank=True, default="")
    reason = models.CharField(max_length=400, blank=True, default="")
    written_by = user_key()
    written_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("scope", "name", "language", "number"), name="rls_mailtext_number"),
        )

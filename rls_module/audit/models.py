"""AuditEvent, its seals and the erasure door. Written by the gate, actions, the queue and the surveys' posts."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from rls_module.host.fields import CodeField


class AuditEvent(models.Model):
    """One read or write, done or refused; its time is the real database clock, never the settable one."""

    class Outcome(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    outcome = CodeField(max_length=10, choices=Outcome, default=Outcome.DONE)
    object_kind = models.CharField(max_length=40, blank=True, default="")
    object_id = models.CharField(max_length=80, blank=True, default="")
    patient = models.CharField(max_length=80, blank=True, default="")
    scope = models.CharField(max_length=64, blank=True, default="")
    route = models.CharField(max_length=200, blank=True, default="")
    request_id = models.CharField(max_length=40, blank=True, default="")
    purpose = models.CharField(max_length=500, blank=True, default="")
    fields = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~models.Q(actor=""), name="rls_auditevent_actor"),
            models.CheckConstraint(condition=models.Q(outcome__in=("done", "refused")), name="rls_auditevent_outcome"),
        )
        indexes = (
            models.Index(fields=("patient", "at"), name="rls_audit_patient_at"),
            models.Index(fields=("scope", "at"), name="rls_audit_scope_at"),
        )

    def __str__(self) -> str:
        return f"AuditEvent {self.pk} {self.verb}"


class Seal(models.Model):
    """One batch of events and its place in the chain of its scope; `events` are [id, digest] in order. Append-only.

    `erased` is empty but in the seal of a purge: runs of numbers, the seals whose events it took away.
    """

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=64, blank=True, default="")
    number = models.PositiveIntegerField()
    events = models.JSONField()
    erased = models.JSONField(default=list, blank=True)
    last_event = models.BigIntegerField()
    latest_at = models.DateTimeField()
    previous = models.CharField(max_length=64, blank=True, default="")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scope", "number"), name="rls_seal_number"),)
        indexes = (models.Index(fields=("scope", "last_event"), name="rls_seal_last_event"),)

    def __str__(self) -> str:
        return f"Seal {self.pk}"


class Erasure(models.Model):
    """The one door through which guarded rows may be deleted, open only inside the transaction that wrote it.

    Only `rls_release`, the retention purge and the tests' flush write it; the row is deleted before commit. On
    PostgreSQL it carries the transaction's id, so that a leftover opens nothing.
    """

    id = models.BigAutoField(primary_key=True)
    transaction_id = models.BigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"Erasure {self.pk}"

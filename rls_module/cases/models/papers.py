"""What was agreed to and what was signed."""

from __future__ import annotations

from django.db import models

from rls_module.cases.models.charts import Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


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

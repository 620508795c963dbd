"""Export and ExportPart: what somebody asked to take away. No clinical content is written here, only sealed copies."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


class Export(Row):
    """One job: asked for by its owner, made by the engine, fetched once, gone a day after it was asked for.

    A run takes the row by compare-and-set on `version` and holds it by a lease; whoever comes back later finds the
    version moved on. `manifest` holds names of tables, counts and hashes, never a value.
    """

    class Kind(models.TextChoices):
        PATIENT = "patient", _("one patient's record")
        REGISTRY = "registry", _("the clinic's registry")

    class Format(models.TextChoices):
        CSV = "csv", _("tables as CSV in a ZIP file")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be made")
        RUNNING = "running", _("being made")
        READY = "ready", _("ready to download")
        FAILED = "failed", _("could not be made")
        FETCHED = "fetched", _("downloaded")
        EXPIRED = "expired", _("expired")

    scope = models.CharField(max_length=64)
    owner = user_key()
    owner_name = models.CharField(max_length=200)
    kind = CodeField(max_length=8, choices=Kind)
    chart = models.ForeignKey(Chart, null=True, blank=True, on_delete=models.PROTECT, related_name="exports")
    is_identified = models.BooleanField()
    format = CodeField(max_length=4, choices=Format, default=Format.CSV)
    state = CodeField(max_length=7, choices=State, default=State.QUEUED)
    state_reason = models.CharField(max_length=40, blank=True, default="")
    expires_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    key_id = models.CharField(max_length=100, blank=True, default="")  # the key of the ring that it is locked with
    manifest = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (
            models.Index(fields=("scope", "state", "created_at"), name="rls_export_due"),
            models.Index(fields=("owner", "created_at"), name="rls_export_owner"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("queued", "running", "ready", "failed", "fetched", "expired")),
                name="rls_export_state",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="patient", chart__isnull=False, is_identified=True)
                | models.Q(kind="registry", chart=None),
                name="rls_export_kind",
            ),
        )

    @property
    def action(self) -> str:
        """The action of the registry by which it was asked for."""
        if self.kind == self.Kind.PATIENT:
            return "export.patient"
        return "export.identified" if self.is_identified else "export.create"


class ExportPart(models.Model):
    """A megabyte or less of an export's file, locked: no database has to hold or send a large value at once.

    Parts are there only while their export is ready.
    """

    id = models.BigAutoField(primary_key=True)
    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("export", "number"), name="rls_exportpart_number"),)

    def __str__(self) -> str:
        return f"ExportPart {self.pk}"

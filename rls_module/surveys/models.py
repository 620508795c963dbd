"""Draft: one saved page of a survey that is not sent in yet. Tally: how often something was tried in one minute."""

from __future__ import annotations

from django.db import models

from rls_module.followups.models import Occurrence
from rls_module.host.rows import Row


class Draft(Row):
    """The answers of one page. `sitting` tells this device's answers from those of an earlier one."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.PROTECT, related_name="drafts")
    page = models.CharField(max_length=40)
    answers = models.JSONField()
    sitting = models.CharField(max_length=22)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("occurrence", "page"), name="rls_draft_page"),)


class Tally(models.Model):
    """How often something was tried in one minute. `what` is a keyed hash, no address and no link."""

    id = models.BigAutoField(primary_key=True)
    what = models.CharField(max_length=64)
    minute = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("what", "minute"), name="rls_tally_minute"),)

    def __str__(self) -> str:
        return f"Tally {self.pk}"

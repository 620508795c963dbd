"""Draft: what a patient has saved of a survey that is not sent in yet; one row per page."""

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

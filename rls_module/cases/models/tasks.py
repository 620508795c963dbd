"""What a person must do."""

from __future__ import annotations

from django.db import models

from rls_module.cases.models.charts import Case, Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


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

    @property
    def is_closed_elsewhere(self) -> bool:
        """True for a recorded adverse event: what came of it is written there, and closes the task."""
        return self.rule == "adverse_event"

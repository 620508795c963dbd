"""What a patient answered, and the figures taken from it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models.charts import Case, Chart
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


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

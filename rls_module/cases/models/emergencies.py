"""Charts opened in an emergency: by whom, why, and until when."""

from __future__ import annotations

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Now

from rls_module.cases.models.charts import Chart
from rls_module.host.rows import Row, user_key

SHORTEST_REASON = 10
LONGEST_REASON = 400


class EmergencyAccess(Row):
    """One chart, opened to read for one of the staff whom the host keeps out. Append-only, but for `told_at`.

    `ends_at` is by the clinic's clock; `stored_at` is the real database clock's, so that a clock that stands still or
    is set back lengthens nothing. `told_at` is when the clinic was told of it by mail, empty until then.
    """

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="emergencies")
    user = user_key()
    user_name = models.CharField(max_length=200)
    reason = models.CharField(max_length=LONGEST_REASON, validators=[MinLengthValidator(SHORTEST_REASON)])
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    stored_at = models.DateTimeField(db_default=Now())
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "emergency access"
        verbose_name_plural = "emergency access"
        constraints = (
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("opened_at")), name="rls_emergency_ends"),
        )
        indexes = (models.Index(fields=("chart", "user", "ends_at"), name="rls_emergency_standing"),)

    @property
    def ref(self) -> str:
        """What audit events carry as their purpose: it leads to the reason and does not hold it."""
        return f"break-glass {self.uuid}"

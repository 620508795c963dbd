"""Legal holds: while one stands, nothing of the patient's is erased."""

from __future__ import annotations

from django.db import models

from rls_module.cases.models.charts import Chart
from rls_module.host.rows import Row, user_key


class Hold(Row):
    """Why the records of one patient must stay. Never changed; lifting it is a row of its own."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    put_by = user_key()
    put_by_name = models.CharField(max_length=200)


class HoldLift(Row):
    """Who lifted a hold, and why."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="+")
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="lift")
    reason = models.TextField()
    lifted_by = user_key()
    lifted_by_name = models.CharField(max_length=200)

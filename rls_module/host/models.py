"""HostIdentity: what the rows of this database were written against."""

from __future__ import annotations

from django.db import models


class HostIdentity(models.Model):
    """One row per database or schema: the patient model our keys point at. Compared before anything is read."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    patient_label = models.CharField(max_length=200)
    patient_table = models.CharField(max_length=200)
    key_type = models.CharField(max_length=100)
    user_label = models.CharField(max_length=200)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="rls_hostidentity_single"),)

    def __str__(self) -> str:
        return f"HostIdentity {self.patient_label}"

"""A clinic's own records: who works in it as what, who stands in for whom, and its patients."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """What somebody is in a clinic."""

    THERAPIST = "therapist"
    FRONT_DESK = "front_desk"
    BILLER = "biller"
    CLINIC_ADMIN = "clinic_admin"
    PLATFORM = "platform"
    AUDITOR = "auditor"


class Member(models.Model):
    """A user's place in the clinic whose database this is. Users stand in both databases, places do not."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, related_name="membership", on_delete=models.CASCADE)
    role = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"Member {self.pk}"


class Person(models.Model):
    """A patient. Whoever leaves stays in the table and out of everybody's sight."""

    first = models.CharField(max_length=80)
    last = models.CharField(max_length=80)
    mail = models.EmailField(blank=True)
    mobile = models.CharField(max_length=40, blank=True)
    born = models.DateField(null=True)
    left_at = models.DateTimeField(null=True, blank=True)
    treated_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="treats")

    def __str__(self) -> str:
        # As many a real host does it: nothing of the plugin may ever print this.
        return f"{self.first} {self.last} {self.mail}"


class Cover(models.Model):
    """One therapist stands in for another, up to and including a day."""

    absent = models.ForeignKey(settings.AUTH_USER_MODEL, related_name="covered", on_delete=models.CASCADE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, related_name="covers", on_delete=models.CASCADE)
    until = models.DateField()

    def __str__(self) -> str:
        return f"Cover {self.pk}"

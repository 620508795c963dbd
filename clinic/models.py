"""The host's own records: clinics, staff, patients and booked visits. Nothing about restless legs lives here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member of staff is in the clinic."""

    THERAPIST = "therapist", _("therapist")
    CLINIC_ADMIN = "clinic_admin", _("clinic admin")


class Sex(models.TextChoices):
    """As the host records it; empty means not asked."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")


class VisitStatus(models.TextChoices):
    """What became of a booked visit."""

    PLANNED = "planned", _("planned")
    ARRIVED = "arrived", _("arrived")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    MISSED = "missed", _("missed")


# Choices are given as callables, so that a new role, state or language makes no migration.
def role_choices() -> list[tuple[str, Any]]:
    """The roles a member of staff may have."""
    return Role.choices


def sex_choices() -> list[tuple[str, Any]]:
    """What may be recorded as a patient's sex."""
    return Sex.choices


def visit_status_choices() -> list[tuple[str, Any]]:
    """What may become of a booked visit."""
    return VisitStatus.choices


def language_choices() -> list[tuple[str, Any]]:
    """The languages a patient may be written to in."""
    return list(settings.LANGUAGES)


class Clinic(models.Model):
    """One clinic of the practice; its short name is the plugin's scope."""

    slug = models.SlugField(_("short name"), primary_key=True, help_text=_("Never changes: the plugin's scope."))
    name = models.CharField(_("name"), max_length=120)
    mail_name = models.CharField(
        _("name in mails"),
        max_length=120,
        help_text=_("What patients read in a mail; it should not say what the clinic treats."),
    )
    phone = models.CharField(_("phone"), max_length=40)
    zone = models.CharField(_("time zone"), max_length=64, default="America/New_York")
    accent = models.CharField(_("colour"), max_length=7, blank=True, help_text=_("Like #1f5f5b."))
    emergency_number = models.CharField(_("emergency number"), max_length=20, default="911")
    crisis_line = models.CharField(_("crisis line"), max_length=20, default="988")

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinics")

    def __str__(self) -> str:
        return self.name


class Staff(models.Model):
    """A user as a member of staff of exactly one clinic."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), related_name="clinic_staff", on_delete=models.CASCADE
    )
    clinic = models.ForeignKey(Clinic, verbose_name=_("clinic"), related_name="staff", on_delete=models.PROTECT)
    role = models.CharField(_("role"), max_length=20, choices=role_choices)
    may_cosign = models.BooleanField(_("may co-sign"), default=False)
    printed_name = models.CharField(
        _("printed name"), max_length=120, blank=True, help_text=_("With the title, as it stands under a signed note.")
    )

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")

    def __str__(self) -> str:
        return self.printed_name or self.user.get_username()


class Patient(models.Model):
    """A patient of one clinic, with the therapists who treat this person."""

    clinic = models.ForeignKey(Clinic, verbose_name=_("clinic"), related_name="patients", on_delete=models.PROTECT)
    record_number = models.CharField(_("record number"), max_length=20)
    given = models.CharField(_("given name"), max_length=80)
    family = models.CharField(_("family name"), max_length=80)
    born = models.DateField(_("born"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=10, choices=sex_choices, blank=True)
    email = models.EmailField(_("mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=language_choices, default="en")
    zone = models.CharField(_("time zone"), max_length=64, blank=True, help_text=_("Empty: the clinic's."))
    archived = models.BooleanField(_("archived"), default=False)
    died_on = models.DateField(_("died on"), null=True, blank=True)
    therapists = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("therapists"), related_name="clinic_patients", blank=True
    )

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        constraints = [models.UniqueConstraint(fields=["clinic", "record_number"], name="clinic_patient_record")]
        indexes = [models.Index(fields=["clinic", "family", "given"], name="clinic_patient_name")]

    def __str__(self) -> str:
        return f"Patient {self.record_number}"

    @property
    def full_name(self) -> str:
        return f"{self.given} {self.family}".strip()


class Visit(models.Model):
    """A booked visit. It may have no patient yet: a walk-in."""

    clinic = models.ForeignKey(Clinic, verbose_name=_("clinic"), related_name="visits", on_delete=models.PROTECT)
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), related_name="visits", null=True, blank=True, on_delete=models.PROTECT
    )
    therapist = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("therapist"),
        related_name="clinic_visits",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    starts_at = models.DateTimeField(_("starts at"))
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=visit_status_choices, default=VisitStatus.PLANNED)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["therapist", "starts_at"], name="clinic_visit_day"),
            models.Index(fields=["patient", "starts_at"], name="clinic_visit_patient"),
        ]

    def __str__(self) -> str:
        return f"Visit {self.pk}"

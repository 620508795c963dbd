"""What only the demo stores: every mail the clinic "sent", and what time it is there."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class DemoMail(models.Model):
    """One mail as it would have gone out, with the clinic's time of sending."""

    to = models.TextField(_("to"))
    subject = models.TextField(_("subject"))
    sent_at = models.DateTimeField(_("sent at"), db_index=True)
    headers = models.JSONField(_("headers"), default=dict)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)

    objects: ClassVar[models.Manager[DemoMail]] = models.Manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")

    def __str__(self) -> str:
        return f"Mail {self.pk}"


class DemoClock(models.Model):
    """One row: at the real time `real_at` it was `clinic_at` in the clinic; both run on at the same pace."""

    real_at = models.DateTimeField(_("real time"))
    clinic_at = models.DateTimeField(_("clinic's time"))

    objects: ClassVar[models.Manager[DemoClock]] = models.Manager()

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clock")

    def __str__(self) -> str:
        return f"Clock at {self.clinic_at:%Y-%m-%d %H:%M}"

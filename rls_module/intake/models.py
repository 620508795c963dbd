"""Screen: one sitting of the short screen and what the therapist decided."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rls_module.cases.models import Case, Chart, Response
from rls_module.host.fields import CodeField
from rls_module.host.rows import Row, user_key


class Screen(Row):
    """The result of a screen is computed once and kept with its algorithm version; a decision follows it."""

    class Result(models.TextChoices):
        FITS = "fits"
        UNCLEAR = "unclear"
        DOES_NOT_FIT = "does_not_fit"
        KNOWN = "known"

    class Decision(models.TextChoices):
        OPEN_CASE = "open_case", _("case opened")
        NOT_RLS = "not_rls", _("saved as “not RLS”")
        LATER = "later", _("decided later")
        DECLINED = "declined", _("the patient declined")
        ASK_AGAIN = "ask_again", _("to ask again next visit")

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="screens")
    response = models.OneToOneField(Response, null=True, blank=True, on_delete=models.PROTECT, related_name="screen")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="screens")
    result = CodeField(max_length=12, choices=Result)
    criteria = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=list, blank=True)
    algorithm = models.CharField(max_length=20)
    decision = CodeField(max_length=10, choices=Decision, blank=True, default="")
    decision_note = models.TextField(blank=True, default="")
    screened_by = user_key()
    screened_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(result__in=("fits", "unclear", "does_not_fit", "known")), name="rls_screen_result"
            ),
        )

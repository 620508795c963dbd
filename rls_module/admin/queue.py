"""The queue of mails by state, and the story of each: why did this patient not get a mail?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.admin.gated import GatedAdmin
from rls_module.cases import access
from rls_module.followups.models import Delivery
from rls_module.host import adapter


class DeliveryAdmin(GatedAdmin):
    """Metadata only: no address, no content, and the patient by the host's reference."""

    view_action = "queue.view"
    list_display = ("due_at", "kind", "ordinal", "state", "why", "reference", "step")
    list_filter = ("state", "kind")
    ordering = ("due_at", "pk")
    fields = ("story",)
    readonly_fields = ("story",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of the clinic, and of it what hangs from patients that this request can see."""
        rows = access.of_visible(request, super().get_queryset(request))
        return rows.select_related("chart__patient", "occurrence")

    def has_view_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        if not super().has_view_permission(request, obj):
            return False
        return obj is None or access.may(request, "delivery.view", obj.chart.patient)

    @admin.display(description=gettext_lazy("patient"))
    def reference(self, row: Delivery) -> str:
        return adapter().public_ref(row.chart.patient)

    @admin.display(description=gettext_lazy("why"))
    def why(self, row: Delivery) -> str:
        return row.state_reason.replace("_", " ")

    @admin.display(description=gettext_lazy("asked"))
    def step(self, row: Delivery) -> str:
        return row.occurrence.step

    @admin.display(description=gettext_lazy("what happened"))
    def story(self, row: Delivery) -> str:
        """Say from the row's own columns what became of the mail, one sentence after the other."""
        told = [
            _("Planned on %(day)s for %(due)s.") % {"day": _at(row.created_at), "due": _at(row.due_at)},
            _("Claimed %(count)d times, last on %(day)s.") % {"count": row.tries, "day": _at(row.claimed_at)}
            if row.claimed_at
            else _("Not claimed by any worker yet."),
        ]
        if row.sent_at:
            told.append(
                _("Accepted by the mail server on %(day)s (%(code)s).")
                % {"day": _at(row.sent_at), "code": row.smtp_code or "–"}
            )
        elif row.state_reason:
            told.append(_("It stands as “%(state)s”: %(why)s.") % {"state": row.state, "why": self.why(row)})
        if row.state in (Delivery.State.SCHEDULED, Delivery.State.RETRY):
            told.append(_("It goes on %(day)s at the earliest.") % {"day": _at(row.next_attempt_at)})
        return " ".join(told)


def _at(moment: Any) -> str:
    return formats.date_format(localtime(moment), "DATETIME_FORMAT")

"""Charts opened in an emergency, to read: who, when, until when, why, and whose by the clinic's own number."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rls_module.admin.gated import GatedAdmin
from rls_module.cases.models import EmergencyAccess
from rls_module.host import adapter


class EmergencyAccessAdmin(GatedAdmin):
    """Newest first; the list is all that there is to see."""

    view_action = "audit.view"
    scope_field = "chart__scope"
    list_display = ("opened_at", "ends_at", "user_name", "patient", "reason", "told_at")
    list_display_links = None
    list_select_related = ("chart__patient",)
    ordering = ("-opened_at", "-pk")

    def patient(self, opened: EmergencyAccess) -> str:
        """Return the number by which the clinic knows the patient, never the name."""
        return adapter().public_ref(opened.chart.patient)

    patient.short_description = _("patient")  # type: ignore[attr-defined]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

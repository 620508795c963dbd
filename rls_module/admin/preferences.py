"""Who chose to get no forms by mail, since when and from where; staff may change it for the patient, with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rls_module.admin.managed import Deed, ManagedAdmin, Sheet, reason_field
from rls_module.cases import access
from rls_module.followups import actions
from rls_module.followups.models import Preference
from rls_module.host import adapter
from rls_module.host.actor import Actor
from rls_module.host.clock import now


class ReasonForm(forms.Form):
    """Why."""

    reason = reason_field()


class PreferenceAdmin(ManagedAdmin):
    """By the host's reference, never by name; each patient's own page goes through the gate like a chart."""

    view_action = "queue.view"
    scope_field = "chart__scope"
    list_display = ("reference", "mail", "mail_off_at", "source")
    ordering = ("-mail_off_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of the clinic, and of it what hangs from patients that this request can see."""
        return access.of_visible(request, super().get_queryset(request)).select_related("chart__patient")

    @admin.display(description=gettext_lazy("patient"))
    def reference(self, row: Preference) -> str:
        return adapter().public_ref(row.chart.patient)

    @admin.display(description=gettext_lazy("forms by mail"), boolean=True)
    def mail(self, row: Preference) -> bool:
        return row.mail_off_at is None

    def admit(self, request: HttpRequest, actor: Actor, row: Preference, action: str) -> None:
        """Ask the gate about this patient."""
        asked = "preference.view" if action == self.view_action else action
        access.fetch(request, actor, Preference, row.uuid, asked)

    def sheet(self, request: HttpRequest, row: Preference, data: Any) -> Sheet:
        since = formats.date_format(row.mail_off_at, "DATETIME_FORMAT") if row.mail_off_at else "–"
        facts = [(_("No forms by mail since"), since), (_("Chosen from"), row.source or "–")]
        off = Deed("stop", _("No more forms by mail"), "preference.edit", needs_reason=True)
        on = Deed("resume", _("Forms by mail again"), "preference.edit", needs_reason=True)
        may_edit = access.may(request, "preference.edit", row.chart.patient)
        deeds = [on if row.mail_off_at else off] if may_edit else []
        return Sheet(self.reference(row), ReasonForm(data), deeds, facts)

    def do(self, request: HttpRequest, row: Preference, deed: str, form: Any, actor: Actor) -> str:
        change = actions.stop_mail if deed == "stop" else actions.resume_mail
        change(chart=row.chart, source="staff", actor=actor, now=now(), reason=form.cleaned_data["reason"])
        return _("No more forms go out by mail.") if deed == "stop" else _("Forms go out by mail again.")

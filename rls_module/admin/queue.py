"""The queue of mails by state, and the story of each: why did this patient not get a mail?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rls_module.admin.gated import answering
from rls_module.admin.managed import Deed, ManagedAdmin, Refused, Sheet, scope_of
from rls_module.admin.preferences import ReasonForm
from rls_module.cases import access
from rls_module.followups import actions, queries
from rls_module.followups.models import Delivery
from rls_module.host import adapter
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import database_now, now


class DeliveryAdmin(ManagedAdmin):
    """Metadata only: no address, no content, the patient by the host's reference; each verb wants a reason."""

    view_action = "queue.view"
    list_display = ("due_at", "kind", "ordinal", "state", "why", "reference", "step")
    list_filter = ("state", "kind")
    ordering = ("due_at", "pk")
    change_list_template = "admin/rls_module/queue.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of the clinic, and of it what hangs from patients that this request can see."""
        rows = access.of_visible(request, super().get_queryset(request))
        return rows.select_related("chart__patient", "occurrence")

    def get_urls(self) -> list[Any]:
        """Add the engine of the clinic to the pages of its mails."""
        engine = path("engine/", self.admin_site.admin_view(self.engine), name="rls_module_delivery_engine")
        return [engine, *super().get_urls()]

    @answering
    def engine(self, request: HttpRequest) -> HttpResponse:
        """Pause the clinic's sending, with a reason, or send again; or close every link that went out."""
        if request.method != "POST":
            return HttpResponseNotAllowed(("POST",))
        actor, scope = of_request(request), scope_of(request)
        if "revoke_all" in request.POST:
            return self._revoke_all(request, actor, scope)
        verb = "pause" if "pause" in request.POST else "resume"
        access.clinic_wide(request, actor, f"queue.{verb}", scope=scope)
        reason = request.POST.get("reason", "").strip()
        if verb == "resume":
            actions.resume(scope=scope, actor=actor)
            messages.success(request, _("Mails go out again."))
        elif reason:
            actions.pause(scope=scope, reason=reason, actor=actor)
            messages.success(request, _("No mail goes out until somebody resumes it. Planning goes on."))
        else:
            messages.error(request, _("Write why sending is paused."))
        return redirect(self.after(request, None))

    def _revoke_all(self, request: HttpRequest, actor: Actor, scope: str) -> HttpResponse:
        access.clinic_wide(request, actor, "link.revoke_all", scope=scope)
        reason = request.POST.get("reason", "").strip()
        if reason:
            actions.revoke_all_links(scope=scope, reason=reason, actor=actor)
            messages.success(request, _("No link that went out until now opens any more."))
        else:
            messages.error(request, _("Write why every link is closed."))
        return redirect(self.after(request, None))

    @answering
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say above the list how the engine stands."""
        health = queries.engine_health(scope_of(request), now(), database_now())
        may_pause = access.may(request, "queue.pause", None)
        may_revoke = access.may(request, "link.revoke_all", None)
        context = {"health": health, "may_pause": may_pause, "may_revoke": may_revoke}
        return super().changelist_view(request, context)

    def admit(self, request: HttpRequest, actor: Actor, row: Delivery, action: str) -> None:
        """Ask the gate about the patient of this mail."""
        asked = "delivery.view" if action == self.view_action else action
        access.fetch(request, actor, Delivery, row.uuid, asked)

    def sheet(self, request: HttpRequest, row: Delivery, data: Any) -> Sheet:
        title = f"{self.reference(row)}, {row.occurrence.step}, {row.get_kind_display()} {row.ordinal}"
        facts = [
            (_("What happened"), self.story(row)),
            (_("Asked"), row.occurrence.step),
            (_("Form open until"), _at(row.occurrence.window_end)),
            (_("Number for the command line"), str(row.uuid)),
        ]
        deeds = [
            Deed(name, label, action, needs_reason=True)
            for name, label, action, is_offered in (
                ("requeue", _("Try it again"), "delivery.requeue", row.state in actions.REQUEUED),
                ("cancel", _("Take it out of the queue"), "delivery.cancel", row.state in actions.CANCELLED),
                ("revoke", _("Close the link of its form"), "link.revoke", row.occurrence.is_open),
            )
            if is_offered and access.may(request, action, row.chart.patient)
        ]
        return Sheet(title, ReasonForm(data), deeds, facts)

    def do(self, request: HttpRequest, row: Delivery, deed: str, form: Any, actor: Actor) -> str:
        reason = form.cleaned_data["reason"]
        if deed == "revoke":
            actions.revoke_link(occurrence=row.occurrence, actor=actor, reason=reason)
            return _("No link to its form that went out until now opens any more.")
        try:
            if deed == "cancel":
                actions.cancel(delivery=row, reason=reason, actor=actor)
                return _("The mail is out of the queue.")
            actions.requeue(delivery=row, reason=reason, actor=actor, now=now())
        except actions.NotPossible as refused:
            raise Refused(str(_WHY_NOT[refused.why])) from None
        return _("The mail is in the queue again; whether it may go is asked again before it goes.")

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
            ngettext("Claimed once, on %(day)s.", "Claimed %(count)d times, last on %(day)s.", row.tries)
            % {"count": row.tries, "day": _at(row.claimed_at)}
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


_WHY_NOT = {
    "no_reason": gettext_lazy("Write why."),
    "form_closed": gettext_lazy("Its form is closed: nothing can go out for it."),
    "being_sent": gettext_lazy("It is being sent right now."),
    "already_sent": gettext_lazy("It has gone out already."),
    "already_queued": gettext_lazy("It is in the queue already."),
    "already_over": gettext_lazy("It is out of the queue already."),
}


def _at(moment: Any) -> str:
    return formats.date_format(localtime(moment), "j M Y, H:i")

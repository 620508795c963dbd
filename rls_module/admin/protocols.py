"""A clinic's protocols: what is asked when, what one patient would get, and what a new version would change."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rls_module.admin.gated import GatedAdmin, answering
from rls_module.admin.protocol_form import VersionForm, touchpoint_formset
from rls_module.cases import access
from rls_module.followups import actions, queries
from rls_module.followups.models import Protocol, Touchpoint
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import clinic_day, now
from rls_module.host.rows import Stale
from rls_module.knowledge.instruments import loading
from rls_module.knowledge.protocols import preview
from rls_module.library import queries as library_queries

MOST_SHIFTS = 100


class ProtocolAdmin(GatedAdmin):
    """A released version never changes; editing makes the next one, with a preview before it."""

    view_action = "protocol.view"
    list_display = ("title", "key", "version")

    def title(self, row: Protocol) -> str:
        return _words(row.name)

    def version(self, row: Protocol) -> str:
        newest = queries.newest_version(row)
        return str(newest.number) if newest else "–"

    @answering
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the newest version as a form; preview what was typed, or release it."""
        actor = of_request(request)
        scope = adapter().request_scope(request) or ""
        access.clinic_wide(request, actor, "protocol.view", scope=scope)
        protocol = self.get_object(request, object_id or "")
        newest = queries.newest_version(protocol) if protocol else None
        if protocol is None or newest is None:
            raise web.NotFound
        stored = queries.touchpoints(newest)
        data = request.POST if request.method == "POST" else None
        form = VersionForm(data, initial={"send_time": newest.send_time, "seen": newest.number, "open_rule": "keep"})
        rows = touchpoint_formset(stored, data, instruments=_instruments(protocol))
        page = {"form": form, "rows": rows, "newest": newest, "problems": [], "may_edit": False}
        page["may_edit"] = access.may(request, "protocol.edit", None)
        drafted: list[Touchpoint] | None = stored
        if data is not None:
            if "release" in data:
                access.clinic_wide(request, actor, "protocol.edit", scope=scope)
            drafted = _drafted(protocol, page)
            if drafted is not None and "release" in data:
                done = self._release(request, protocol, actor, page)
                if done is not None:
                    return done
        context = {
            **self.admin_site.each_context(request),
            **page,
            **self._what_follows(protocol, drafted, form, newest),
            "opts": self.opts,
            "title": _words(protocol.name),
            "protocol": protocol,
            "versions": protocol.versions.order_by("-number"),
        }
        status = 422 if form.errors or page["problems"] or any(rows.errors) or rows.non_form_errors() else 200
        return TemplateResponse(request, "admin/rls_module/protocol.html", context, status=status)

    def _release(
        self, request: HttpRequest, protocol: Protocol, actor: Actor, page: dict[str, Any]
    ) -> HttpResponse | None:
        """Release what was typed; None, with the reason on the page, where it can't be."""
        form, values = page["form"], page["form"].cleaned_data
        if not values["reason"].strip():
            form.add_error("reason", _("Write why the protocol changes."))
            return None
        try:
            version = actions.release_version(
                protocol=protocol,
                seen=values["seen"],
                touchpoints=page["rows"].touchpoints,
                send_time=values["send_time"],
                open_rule=values["open_rule"],
                reason=values["reason"],
                actor=actor,
                now=now(),
            )
        except Stale:
            page["problems"] = [_("Somebody released another version meanwhile. Open the page again to see it.")]
            return None
        messages.success(request, _("Version %(number)d is released.") % {"number": version.number})
        return redirect(
            reverse("admin:rls_module_protocol_change", args=[protocol.pk], current_app=self.admin_site.name)
        )

    def _what_follows(self, protocol: Protocol, drafted: Any, form: Any, newest: Any) -> dict[str, Any]:
        """Return what one patient would get who starts today, and what "move" would change for those who are on it."""
        if drafted is None:
            return {"calendar": [], "shifts": []}
        zone, moment = adapter().brand(protocol.scope).zone, now()
        send_time = form.cleaned_data["send_time"] if form.is_bound else newest.send_time
        anchor = clinic_day(moment, protocol.scope)
        planned = preview.preview(drafted, anchor_on=anchor, zone=zone, send_time=send_time, now=moment)
        shifts = queries.shifts(protocol, drafted, send_time=send_time, now=moment)
        return {
            "anchor": anchor,
            "calendar": [_line(one, drafted, anchor, zone) for one in planned],
            "shifts": shifts[:MOST_SHIFTS],
            "shift_count": len({one.ref for one in shifts}),
            "open_count": queries.open_count(protocol),
        }


def _drafted(protocol: Protocol, page: dict[str, Any]) -> list[Touchpoint] | None:
    """Return what was typed as touchpoints nobody has released, or None with the mistakes in words on the page."""
    form, rows = page["form"], page["rows"]
    checked = [form.is_valid(), rows.is_valid()]
    if not all(checked):
        return None
    try:
        fitting = queries.checked_touchpoints(protocol, rows.touchpoints, form.cleaned_data["send_time"])
    except queries.NotAProtocol as mistakes:
        page["problems"] = [f"{where}: {what}" for where, what in mistakes.problems.items()]
        return None
    return queries.drafted(fitting)


def _line(one: preview.Planned, touchpoints: Any, anchor: date, zone: ZoneInfo) -> dict[str, Any]:
    local: datetime = one.at.astimezone(zone)
    names = {touchpoint.step: _words(touchpoint.name) for touchpoint in touchpoints}
    said = {
        "invite": _("mail: please answer"),
        "reminder": _("reminder, if there is no answer yet"),
        "task": _("staff are asked to call"),
    }
    weeks, days = divmod((local.date() - anchor).days, 7)
    return {
        "at": local,
        "name": names.get(one.touchpoint, one.touchpoint),
        "what": said[one.kind],
        "weeks": weeks,
        "days": days,
    }


def _instruments(protocol: Protocol) -> dict[str, str]:
    """Return what a protocol of the clinic may ask, by key: the check-in, and what the clinic imported."""
    language = get_language() or "en"
    on = clinic_day(now(), protocol.scope)
    offered = [library_queries.instrument_in(row) for row in library_queries.imports_offered(protocol.scope, on)]
    check_in = loading.shipped(queries.CHECKIN)
    return {one.key: f"{one.words(language).title} ({one.key})" for one in (check_in, *offered)}


def _words(names: dict[str, str]) -> str:
    return names.get((get_language() or "en").split("-")[0]) or names.get("en", "")

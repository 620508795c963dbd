"""Exports: asking for one, seeing how one's own stand, fetching one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from rls_module.cases import access
from rls_module.cases.models import Chart
from rls_module.host import adapter, web
from rls_module.host.actor import Actor, of_request
from rls_module.host.clock import now
from rls_module.outcomes import actions
from rls_module.outcomes.models import Export
from rls_module.outcomes.queries import exported

MOST_ROWS = 50
_HOURS = int(actions.LIFE.total_seconds() // 3600)


@dataclass(frozen=True, slots=True)
class _Line:
    """One export in the list: whose record it is where it is one's, why it failed, what is in it."""

    row: Export
    name: str
    reason: str
    tables: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        return sum(rows for _table, rows in self.tables)


@web.staff
@require_http_methods(["GET", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """List one's own exports; ask for the clinic's registry."""
    actor, scope = of_request(request), _scope(request)
    if request.method == "POST":
        is_identified = "is_identified" in request.POST
        right = "export.identified" if is_identified else "export.create"
        access.clinic_wide(request, actor, right, scope=scope)
        return _ask(request, actor, scope, chart=None, is_identified=is_identified)
    access.clinic_wide(request, actor, "export.download", scope=scope)
    return _page(request, actor, scope)


@web.staff
@require_POST
def export_patient(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask for one patient's record."""
    actor = of_request(request)
    chart = access.fetch(request, actor, Chart, uuid, "export.patient")
    return _ask(request, actor, _scope(request), chart=chart, is_identified=True)


@web.staff
@require_POST
def export_fetch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand an export to its owner, once; all that it took to ask for it is asked again."""
    actor, scope = of_request(request), _scope(request)
    access.clinic_wide(request, actor, "export.download", scope=scope)
    row = exported.own_one(actor.user_id, uuid, scope=scope)
    if row is None or not _still_may(request, row):
        actions.refuse(uuid=uuid, scope=scope, actor=actor)
        raise web.NotFound
    _pass_gate(request, actor, row)
    try:
        content = actions.fetch(export=row, actor=actor, now=now())
    except actions.Gone:
        gone = _("This export is not here any more: it was downloaded, or its time is over. Ask for a new one.")
        raise web.NotFound(gone) from None
    if content is None:
        return redirect("rls:exports")
    filename = f"export-{str(row.uuid)[:8]}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


def _scope(request: HttpRequest) -> str:
    return adapter().request_scope(request) or "default"


def _still_may(request: HttpRequest, row: Export) -> bool:
    """Ask the host again for what the engine could not: it made the file without a request."""
    own = exported.own(row.owner_id, scope=row.scope).filter(pk=row.pk)
    is_visible = row.chart is None or access.of_visible(request, own).exists()
    return is_visible and access.may(request, row.action, _whose(row))


def _pass_gate(request: HttpRequest, actor: Actor, row: Export) -> None:
    """Ask STAFF_GATE for what the file was asked by, not only when it was asked for; raises as the gate does."""
    if row.chart is None:
        access.clinic_wide(request, actor, row.action, scope=row.scope)
    else:
        access.permit(request, actor, row, row.action)


def _whose(row: Export) -> Any:
    return row.chart.patient if row.chart else None


def _ask(request: HttpRequest, actor: Actor, scope: str, *, chart: Chart | None, is_identified: bool) -> HttpResponse:
    try:
        actions.ask(scope=scope, chart=chart, is_identified=is_identified, actor=actor, now=now())
    except actions.TooMany:
        most = ngettext(
            "You have %(count)d export that is waiting or ready. Download it, or wait until it expires.",
            "You have %(count)d exports that are waiting or ready. Download one, or wait until one expires.",
            actions.MOST_OPEN,
        ) % {"count": actions.MOST_OPEN}
        return _page(request, actor, scope, problem=most)
    except actions.NotInstalled:
        return _page(request, actor, scope, problem=exported.reason_words("not_installed"))
    return redirect("rls:exports")


def _page(request: HttpRequest, actor: Actor, scope: str, *, problem: str = "") -> HttpResponse:
    own = exported.own(actor.user_id, scope=scope)
    records = access.paged(
        request,
        actor,
        own.exclude(chart=None),
        "patient.view",
        pick=lambda granted: [row for row in granted[:MOST_ROWS] if access.may(request, row.action, _whose(row))],
    )
    rows = [*records, *own.filter(chart=None)[:MOST_ROWS]]
    context = {
        "lines": [_line(row) for row in sorted(rows, key=lambda row: row.created_at, reverse=True)],
        "now": now(),
        "hours": _HOURS,
        "problem": problem,
        "may_ask": access.may(request, "export.create", None),
        "may_identify": access.may(request, "export.identified", None),
        "may_fetch": access.may(request, "export.download", None),
    }
    return web.page(request, "rls_module/outcomes/exports.html", context, status=422 if problem else 200)


def _line(row: Export) -> _Line:
    tables = row.manifest.get("tables", {})
    counts = tuple(
        (name, about["rows"]) for name, about in tables.items() if about["rows"] and name != exported.CODEBOOK
    )
    name = "" if row.chart is None else adapter().display_name(row.chart.patient)
    return _Line(row, name, exported.reason_words(row.state_reason) if row.state_reason else "", counts)

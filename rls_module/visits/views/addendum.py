"""Adding to a signed note: the note as it stands, the words, one signature."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rls_module.cases import access
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.host.clock import now
from rls_module.visits import actions, forms, queries
from rls_module.visits.models import Visit


@web.staff
@require_http_methods(["GET", "POST"])
def addendum(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask for an addendum to a signed note, and sign it."""
    actor = of_request(request)
    is_sent = request.method == "POST"
    visit = access.fetch(request, actor, Visit, uuid, "addendum.sign" if is_sent else "addendum.view")
    form = forms.AddendumForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            actions.add_addendum(visit=visit, text=form.cleaned_data["text"], actor=actor, now=now())
        except actions.NotSigned:
            raise web.Conflict(_("This note is not signed: its author can still change it.")) from None
        messages.success(request, _("Added and signed. It can't be changed any more."), fail_silently=True)
        return redirect("rls:visit", visit.uuid)
    context = {
        "visit": visit,
        "chart": visit.chart,
        "case": visit.case,
        "name": adapter().display_name(visit.chart.patient),
        "addenda": queries.addenda(visit),
        "form": form,
    }
    return web.page(request, "rls_module/visits/addendum.html", context, status=422 if is_sent else 200)

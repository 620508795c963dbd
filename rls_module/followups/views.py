"""How the engine stands, for monitoring and for staff."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from rls_module import conf
from rls_module.cases import access
from rls_module.followups import links, queries
from rls_module.host import adapter, web
from rls_module.host.clock import database_now, now

LATE_AFTER_S = 300


@web.public
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Answer the engine's counts as JSON, 503 when it is late, to a bearer of STATUS_TOKEN or to staff who may."""
    if not (_is_bearer(request) or _is_staff(request)):
        return JsonResponse({"detail": "not found"}, status=404)
    found = queries.status(now(), database_now())
    is_late = found.last_tick_s is None or found.last_tick_s > LATE_AFTER_S
    return JsonResponse(asdict(found), status=503 if is_late else 200)


def _is_bearer(request: HttpRequest) -> bool:
    token = conf.get("STATUS_TOKEN")
    given = request.headers.get("Authorization", "")
    return bool(token) and links.same(given, f"Bearer {token}")


def _is_staff(request: HttpRequest) -> bool:
    return adapter().request_user(request) is not None and access.may(request, "status.view", None)

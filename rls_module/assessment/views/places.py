"""The search for a place of the body: a page of its own, and what a field asks while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from rls_module.cases import access
from rls_module.host import adapter, web
from rls_module.host.actor import of_request
from rls_module.knowledge.vocabulary import places as vocabulary

LONGEST = 60
MOST = 30


@web.staff
@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """Show the muscles, fascial points and regions that fit what was typed; as JSON for whoever accepts only that."""
    access.clinic_wide(request, of_request(request), "library.view", scope=adapter().request_scope(request) or "")
    text = request.GET.get("q", "")[:LONGEST]
    found = vocabulary.suggest(text, (get_language() or "en").split("-")[0], limit=MOST)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"places": [one._asdict() for one in found]})
    return web.page(request, "rls_module/assessment/places.html", {"text": text, "found": found})

"""The minimal host's only page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def desk(request: HttpRequest) -> HttpResponse:
    return HttpResponse("desk", content_type="text/plain")

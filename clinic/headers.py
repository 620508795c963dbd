"""The headers of every response, whoever made it: pages, static files, redirects, errors."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Static files say themselves how long they keep; all else may hold a patient.
    "Cache-Control": "no-store",
}
FORGET = '"cache", "cookies", "storage"'


def headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost: fill in what the response does not say itself; let the browser forget at logout."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if request.method == "POST" and request.path in {reverse("account_logout"), reverse("admin:logout")}:
            response.headers["Clear-Site-Data"] = FORGET
        return response

    return middleware

"""Puts the demo's bar at the top of every page that staff see, and of the inbox; never on a patient's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse

from clinic.demo import clock

PATIENT_PAGES = ("/q/", "/rls/q/")
_BODY_BEGINS = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)


class DemoBar:
    """Middleware. The bar has a shadow root with its own style file and plain forms: the page's strict policy holds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and _takes_a_bar(request, response):
            _add_bar(request, response)
        return response


def _takes_a_bar(request: HttpRequest, response: HttpResponse) -> bool:
    if getattr(response, "without_demo_bar", False) or request.path.startswith(PATIENT_PAGES):
        return False
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return is_page and not response.streaming and not response.has_header("Content-Encoding")


def _add_bar(request: HttpRequest, response: HttpResponse) -> None:
    body = _BODY_BEGINS.search(response.content)
    if body is None:
        return
    context = {
        "now": clock.now().astimezone(ZoneInfo(settings.TIME_ZONE)),
        "back": request.get_full_path() if request.method == "GET" else reverse("home"),
    }
    bar = render_to_string("demo/_bar.html", context, request).encode()
    response.content = response.content[: body.end()] + bar + response.content[body.end() :]
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))

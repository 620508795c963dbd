"""From the domain to the clinic, and from the clinic to its database. Outside of a clinic there is no database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from tests.hosts.two_clinics import clinics


class ClinicOfDomain:
    """Middleware: a request is in the clinic of its domain from the first line to the last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        label = clinics.of_domain(request.get_host())
        if label is None:
            return HttpResponseNotFound("There is no clinic here.", content_type="text/plain")
        with clinics.inside(label):
            return self.get_response(request)


class Router:
    """Every table stands in every clinic's database; `default` is nobody's, so a lost question fails at once."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return clinics.current() or "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return clinics.current() or "default"

"""The minimal host's own login wall: whoever is not signed in is redirected from every view not marked as open."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def open_door(view: View) -> View:
    """Mark a view as open to everybody."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    opened.is_open_door = True  # type: ignore[attr-defined]
    return opened


class LoginWall:
    """Middleware. It knows nothing of Django's own login_not_required."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.user.is_authenticated or getattr(view, "is_open_door", False):
            return None
        return redirect_to_login(request.get_full_path())

"""Sessions that end, and no session that touches a patient without a second factor."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic.front_door import factors
from rls_module.host import web

Handler = Callable[[HttpRequest], HttpResponse]
TOUCH_SECONDS = 30  # the session row is written at most this often for being in use
SIGNED_IN_AT, SEEN_AT = "clinic_signed_in_at", "clinic_seen_at"

# Where somebody without a second factor may be: setting one up, confirming it, leaving.
ENROLMENT = frozenset(
    {
        *("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn"),
        *("mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_reauthenticate", "account_logout"),
    }
)


def session_limits(get_response: Handler) -> Handler:
    """Middleware: sign out who was away too long, or has been in since too long, before anything is answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _end_or_touch(request, now=time.time())
        return get_response(request)

    return middleware


def _end_or_touch(request: HttpRequest, *, now: float) -> None:
    session = request.session
    signed_in_at, seen_at = session.get(SIGNED_IN_AT, 0), session.get(SEEN_AT, 0)
    is_over = now - signed_in_at > settings.SESSION_HOURS * 3600 or now - seen_at > settings.SESSION_IDLE_MINUTES * 60
    if is_over or signed_in_at > now + TOUCH_SECONDS:  # a clock that was set back makes no session longer
        logout(request)
    elif now - seen_at > TOUCH_SECONDS:
        session[SEEN_AT] = now


class LoginRequired(LoginRequiredMiddleware):
    """Django's own, but for a page of the plugin that was sent after the session ended: what was typed is kept."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        """Lead to signing in, by the plugin's own way where it is a page of its staff's."""
        if getattr(view_func, "rls_door", "") == "staff":
            return web.signed_out(request)
        return super().handle_no_permission(request, view_func)


class SecondFactor:
    """Middleware: with REQUIRE_MFA a session that a password alone opened reaches the enrolment pages only."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if (
            not settings.REQUIRE_MFA
            or not request.user.is_authenticated
            or _is_public(view)
            or factors.was_used(request)
        ):
            return None
        match = request.resolver_match
        if match is not None and match.url_name in ENROLMENT and not match.namespaces:
            request.lacks_second_factor = True  # type: ignore[attr-defined]
            return None
        if request.method not in ("GET", "HEAD") or "text/html" not in request.headers.get("Accept", "text/html"):
            return render(request, "clinic/second_factor.html", status=403)
        return redirect("mfa_reauthenticate" if factors.is_enrolled(request) else "mfa_index")


def _is_public(view: Any) -> bool:
    """True for views that need no session. REST framework calls all of its own so and lets sessions in itself."""
    return not getattr(view, "login_required", True) and not hasattr(view, "cls")

"""Whether a second factor was used, how lately, and the page that asks for it. `step_up` is the plugin's STAFF_GATE."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

REAL_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # recovery codes only stand in for one


def is_enrolled(request: HttpRequest) -> bool:
    """True when the signed-in person has an authenticator app or a passkey."""
    return bool(is_mfa_enabled(request.user, REAL_FACTORS))


def was_used(request: HttpRequest, *, within_s: float | None = None) -> bool:
    """True when this session was opened or confirmed with a second factor, in the last `within_s` seconds."""
    return _was_shown(request, "mfa", within_s)


def is_setting_up_the_first(request: HttpRequest) -> bool:
    """True for somebody without a factor who typed the password a moment ago, and need not do so again."""
    return not is_enrolled(request) and _was_shown(request, "password", account_settings.REAUTHENTICATION_TIMEOUT)


def _was_shown(request: HttpRequest, method: str, within_s: float | None) -> bool:
    records = get_authentication_records(request, request.user)
    shown = [record["at"] for record in records if record["method"] == method]
    return bool(shown) and (within_s is None or time.time() - shown[-1] < within_s)


def forget(user: Any) -> None:
    """Take every factor off an account and end its sessions: the phone is lost, or in wrong hands."""
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()


def step_up(request: HttpRequest, _action: str) -> HttpResponse | None:
    """Return None when the action may go ahead, else the redirect that asks for a fresh factor and then goes on.

    What was posted waits in the session, which stands in the same database as the charts, and is done afterwards.
    """
    if not is_enrolled(request):
        return redirect("mfa_index") if settings.REQUIRE_MFA else None
    if was_used(request, within_s=settings.STEP_UP_MINUTES * 60):
        return None
    return suspend_request(request, reverse("mfa_reauthenticate"))

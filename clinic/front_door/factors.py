"""Whether somebody has a second factor, and whether and how lately this session was confirmed with it."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

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

"""What happens when somebody signs in, confirms or changes a factor: limits begin, keys turn, the log gets a line."""

from __future__ import annotations

import logging
import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import authentication_step_completed, password_changed
from allauth.mfa import signals as mfa
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth
from django.http import HttpRequest

from clinic.front_door import factors
from clinic.front_door.middleware import SEEN_AT, SIGNED_IN_AT

logger = logging.getLogger("clinic.front_door")


def connect() -> None:
    """Listen to Django's and django-allauth's signals; called once, when the apps are ready."""
    auth.user_logged_in.connect(begin_limits, dispatch_uid="clinic.begin_limits")
    authentication_step_completed.connect(turn_key, dispatch_uid="clinic.turn_key")
    mfa.authenticator_added.connect(count_enrolment, dispatch_uid="clinic.count_enrolment")
    for signal, what in _TOLD:
        signal.connect(_teller(what), dispatch_uid=f"clinic.told {what}", weak=False)


def begin_limits(*, request: HttpRequest, **_: Any) -> None:
    """The two clocks of a session start when somebody comes in by whatever door."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = time.time()


def turn_key(*, request: HttpRequest, reauthenticated: bool = False, **_: Any) -> None:
    """A confirmed session goes on under another key, so that one seen earlier is worth nothing."""
    if not reauthenticated:
        return  # signing in turns it anyway
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def count_enrolment(*, request: HttpRequest, user: Any, authenticator: Any, **_: Any) -> None:
    """Whoever has just set up a factor has shown it: this session counts as opened with it."""
    if authenticator.type in factors.REAL_FACTORS:
        record_authentication(
            request, user, "mfa", id=authenticator.pk, type=str(authenticator.type), reauthenticated=True
        )


_TOLD = (
    (auth.user_logged_in, "signed in"),
    (auth.user_logged_out, "signed out"),
    (auth.user_login_failed, "sign-in refused"),
    (password_changed, "password changed"),
    (mfa.authenticator_added, "second factor added"),
    (mfa.authenticator_removed, "second factor removed"),
    (mfa.authenticator_reset, "recovery codes made anew"),
    (mfa.authenticator_used, "second factor used"),
    (mfa.authentication_failed, "second factor wrong"),
)


def _teller(what: str) -> Any:
    def tell(*, request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
        # Never the name that was typed: tired people type their password there.
        address = get_adapter().get_client_ip(request) if request is not None else "-"
        logger.info("%s user=%s from=%s", what, getattr(user, "pk", None) or "-", address)

    return tell

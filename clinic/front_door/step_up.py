"""A fresh factor before what weighs: the plugin's STAFF_GATE, asked for on the page to which the action was posted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth, flows
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from clinic.front_door import factors
from clinic.front_door.forms import StepUpForm

FACTOR = "step_up"  # the prefix of the two fields that are the gate's own
OURS = {f"{FACTOR}-code", f"{FACTOR}-credential", "csrfmiddlewaretoken"}


def gate(request: HttpRequest, _action: str) -> HttpResponse | None:
    """Return None when the action may go ahead, else the page that asks for a fresh factor.

    That page holds what was posted and sends it, with the factor, to the same address again: nothing waits in a
    session, and nothing typed is lost. A page can hold no file and should hold no password: whoever sends one
    confirms first.
    """
    if not factors.is_enrolled(request):
        return redirect("mfa_index") if settings.REQUIRE_MFA else None
    if factors.was_used(request, within_s=settings.STEP_UP_MINUTES * 60):
        return None
    if request.method != "POST" or request.FILES or any("password" in name for name in request.POST):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")
    if f"{FACTOR}-code" in request.POST:
        return _with_code(request)
    if f"{FACTOR}-credential" in request.POST:
        return _with_passkey(request)
    return _page(request, StepUpForm(user=request.user, prefix=FACTOR))


def _with_code(request: HttpRequest) -> HttpResponse | None:
    form = StepUpForm(request.POST, user=request.user, prefix=FACTOR)
    if not form.is_valid():
        return _page(request, form)
    form.save()
    return None


def _with_passkey(request: HttpRequest) -> HttpResponse | None:
    form = ReauthenticateWebAuthnForm(request.POST, user=request.user, prefix=FACTOR)
    if not form.is_valid():
        return _page(request, StepUpForm(user=request.user, prefix=FACTOR), problems=form.errors.get("credential", ()))
    flows.reauthenticate(request, form.cleaned_data["credential"])
    return None


def _page(request: HttpRequest, form: StepUpForm, *, problems: Any = ()) -> HttpResponse:
    has_app = is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES])
    has_passkey = is_mfa_enabled(request.user, [Authenticator.Type.WEBAUTHN])
    context = {
        "form": form if has_app else None,
        "problems": problems,
        "held": [(name, value) for name, values in request.POST.lists() if name not in OURS for value in values],
        "credential": f"{FACTOR}-credential",
        "js_data": {"request_options": auth.begin_authentication(request.user)} if has_passkey else None,
    }
    return render(request, "clinic/step_up.html", context, status=403)

"""What django-allauth asks this host."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clinic.front_door import factors, secrets
from rls_module.host import client_address


class Accounts(DefaultAccountAdapter):
    """Accounts are made by an admin, never by whoever comes along."""

    # The same words whether the name exists, the password is wrong or the account was switched off.
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("User name and password do not match. Both are case-sensitive."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not factors.is_setting_up_the_first(context.request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the plugin counts it; requests that say no address, as over a socket, share one count."""
        return client_address(request) or "0.0.0.0"  # noqa: S104  no address to listen on: nobody's

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A password is no fresh factor for somebody who has a second one."""
        methods = super().get_reauthentication_methods(user)
        with_factor = [method for method in methods if method["id"] != "reauthenticate"]
        return with_factor or methods


class Factors(DefaultMFAAdapter):
    """Second factors: what an authenticator app shows, and secrets that are not stored in the clear."""

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def get_totp_issuer(self) -> str:
        return str(settings.SIGN_IN_ISSUER)

    def encrypt(self, text: str) -> str:
        return secrets.encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypted(encrypted_text)

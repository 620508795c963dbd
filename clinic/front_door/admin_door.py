"""The admin's door: one sign-in for everybody, and no admin at all from outside of the networks that are named."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found

Handler = Callable[[HttpRequest], HttpResponse]


def close_second_door() -> None:
    """Send the admin's own login page to the one that counts attempts and asks for a second factor."""
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def admin_door(get_response: Handler) -> Handler:
    """Middleware: with ADMIN_NETWORKS set, whoever comes from elsewhere finds nothing under ADMIN_PATH."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_admin = request.path_info.startswith(f"/{settings.ADMIN_PATH}")
        if is_admin and settings.ADMIN_NETWORKS and not _is_near(request):
            return page_not_found(request, Exception("not from here"))
        return get_response(request)

    return middleware


def _is_near(request: HttpRequest) -> bool:
    address = ip_address(get_adapter().get_client_ip(request))
    return any(address in ip_network(network, strict=False) for network in settings.ADMIN_NETWORKS)

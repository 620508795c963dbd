"""Where a request came from, as far as the proxies in front can be believed."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest

from rls_module import conf


def client_address(request: HttpRequest) -> str:
    """Return the address that TRUSTED_PROXIES makes believable, or "" where a request says none.

    Each proxy appends whom it heard to X-Forwarded-For: with n proxies the n-th entry from the right is the first that
    a client can't write. A shorter or broken header came past the proxies, and the connection itself counts.
    """
    count = conf.get("TRUSTED_PROXIES")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < count <= len(forwarded):
        return _clean(forwarded[-count]) or _clean(request.META.get("REMOTE_ADDR", ""))
    return _clean(request.META.get("REMOTE_ADDR", ""))


def _clean(text: str) -> str:
    """An IPv4 address is one however a server that listens on IPv6 writes it: all of them would share one network."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)

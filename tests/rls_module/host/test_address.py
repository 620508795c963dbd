"""Whom a request is counted for."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from rls_module.host import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "found"),
    [
        (0, "", "203.0.113.7", "203.0.113.7"),
        (0, "198.51.100.1", "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.7", "203.0.113.7"),
        (1, "nonsense", "203.0.113.7", "203.0.113.7"),
        (1, " 2001:DB8::1 ", "203.0.113.7", "2001:db8::1"),
        (0, "", "::ffff:203.0.113.7", "203.0.113.7"),
        (1, "", "", ""),
    ],
)
def test_only_what_the_counted_proxies_wrote_is_believed(settings, proxies, forwarded, remote, found):
    """AN-5: what a client writes into the header itself never counts."""
    settings.RLS_MODULE = settings.RLS_MODULE | {"TRUSTED_PROXIES": proxies}
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)
    assert client_address(request) == found

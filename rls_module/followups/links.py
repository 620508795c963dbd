"""The patient's link: a public selector and a verifier derived from a server key. Nothing stored opens a survey."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Literal

from django.urls import NoReverseMatch, reverse

from rls_module import conf

Purpose = Literal["survey", "unsubscribe", "sitting", "form"]

_TOKEN = re.compile(r"(?P<selector>[A-Za-z0-9_-]{22})(?P<verifier>[A-Za-z0-9_-]{43})")
NO_LINK = ("-" * 22, "-" * 43)  # stands in for what has not even the shape of a link
_SELECTOR = re.compile(r"[A-Za-z0-9_-]{22}")


def new_selector() -> str:
    """Return 128 random bits as 22 characters that may stand in an address."""
    return secrets.token_urlsafe(16)


def newest_kid() -> str:
    """Return the id of the key that new links are made with; raises IndexError where the ring is empty (E020)."""
    return next(iter(conf.get("LINK_KEYS")), "")


def verifier(purpose: Purpose, *, kid: str, scope: str, selector: str, version: int, extra: str = "") -> str:
    """Return the 256-bit secret half of a link for one purpose, as 43 characters.

    Raises KeyError where the ring has no key `kid` any more.
    """
    message = "\x1f".join((purpose, scope, selector, str(version), extra)).encode()
    digest = hmac.new(conf.get("LINK_KEYS")[kid].encode(), message, sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def token(purpose: Purpose, *, kid: str, scope: str, selector: str, version: int) -> str:
    """Return the whole link token: selector and verifier, 65 characters."""
    return selector + verifier(purpose, kid=kid, scope=scope, selector=selector, version=version)


def address(name: Literal["survey", "unsubscribe"], token: str) -> str:
    """Return the path of a patient's page: where the host mounted those pages on their own, else under our prefix."""
    try:
        return reverse(f"rls_surveys:{name}", args=[token])
    except NoReverseMatch:
        return reverse(f"rls:rls_surveys:{name}", args=[token])


def split(token: str) -> tuple[str, str] | None:
    """Return (selector, verifier) of a well-formed token, else None."""
    match = _TOKEN.fullmatch(token)
    return (match["selector"], match["verifier"]) if match else None


def is_selector(text: str) -> bool:
    """True for the public half alone, as it stands in addresses after the start."""
    return _SELECTOR.fullmatch(text) is not None


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())

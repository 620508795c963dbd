"""Keeps the secrets of second factors unreadable to whoever only has the database."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


def encrypted(text: str) -> str:
    """Return `text` as only this installation can read it."""
    return _box().encrypt(text.encode()).decode()


def decrypted(text: str) -> str:
    """Return what `encrypted` was given; raises InvalidToken where SECRET_KEY is neither today's nor a fallback."""
    return _box().decrypt(text.encode()).decode()


def _box() -> MultiFernet:
    """The newest key first: SECRET_KEY_FALLBACKS still open what older keys closed."""
    return MultiFernet([Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(secret_key: str | bytes) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"clinic.front_door.secrets")
    return base64.urlsafe_b64encode(derivation.derive(force_bytes(secret_key)))

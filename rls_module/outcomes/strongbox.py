"""An export at rest: AES-GCM under a key of its own, derived from the ring of LINK_KEYS. There is no clear copy.

Without the package `cryptography` nothing can be locked, and so no export is made for download (check W034).
"""

from __future__ import annotations

import os
from uuid import UUID

from rls_module import conf

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    is_installed = False
else:
    is_installed = True

_NONCE = 12
_KEY = 32


class Unreadable(Exception):
    """The key has left the ring, or these are not the bytes that were locked as this part of this export."""


def newest_key() -> str:
    """Return the id of the key to lock with, "" where the ring is empty (E020)."""
    return next(iter(conf.get("LINK_KEYS")), "")


def lock(content: bytes, *, key_id: str, scope: str, uuid: UUID, number: int) -> bytes:
    """Return part `number` of the export `uuid` of `scope`, locked; raises Unreadable where the ring lacks the key."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key_id, scope, uuid).encrypt(nonce, content, _about(scope, uuid, number))


def unlock(locked: bytes, *, key_id: str, scope: str, uuid: UUID, number: int) -> bytes:
    """Return what was locked as this part of this export of this scope; raises Unreadable for everything else."""
    cipher = _cipher(key_id, scope, uuid)
    try:
        return cipher.decrypt(bytes(locked[:_NONCE]), bytes(locked[_NONCE:]), _about(scope, uuid, number))
    except (InvalidTag, ValueError):
        raise Unreadable from None


def _cipher(key_id: str, scope: str, uuid: UUID) -> AESGCM:
    """A key for this one export: it says nothing about the links that the ring's key signs, nor they about it."""
    secret = conf.get("LINK_KEYS").get(key_id)
    if secret is None or not is_installed:
        raise Unreadable
    purpose = "\x1f".join(("rls_module export", scope, str(uuid))).encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=purpose).derive(secret.encode()))


def _about(scope: str, uuid: UUID, number: int) -> bytes:
    return "\x1f".join((scope, str(uuid), str(number))).encode()

"""A form that was sent after its session had ended: kept, locked, in the new session, for the one who typed it.

A form takes part by sending `kept_for` (partials/keep.html): who it was shown to, signed. Nobody else ever gets it
back, and without it nothing is kept, so that strangers can't fill sessions. Needs `cryptography`, as exports do.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from typing import Any

from django.conf import settings as django_settings
from django.core import signing
from django.http import HttpRequest

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    is_installed = False
else:
    is_installed = True

FIELD, SLOT = "kept_for", "rls_kept"
LONGEST = 64 * 1024
MOST_HOURS = 12
_SALT = "rls_module.kept"
_NONCE = 12
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", FIELD})

Fields = list[tuple[str, str]]


def token_for(user: Any) -> str:
    """Return what a form sends along to be kept for `user`, should the session have ended by then."""
    return signing.dumps(str(user.pk), salt=_SALT)


def keep(request: HttpRequest) -> bool:
    """Keep what a signed-out browser has sent until its owner is back; False where it takes no part or is too long.

    What a page saves by itself (do=keep) is not worth it: its own form still stands in the browser.
    """
    owner = _owner(request)
    if not (owner and is_installed and hasattr(request, "session")) or request.POST.get("do") == "keep":
        return False
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name not in _NOT_KEPT]
    content = json.dumps(fields).encode()
    if len(content) > LONGEST:
        return False
    nonce = os.urandom(_NONCE)
    locked = nonce + _cipher().encrypt(nonce, content, _about(owner, request.path))
    request.session[SLOT] = {"owner": owner, "path": request.path, "locked": b64encode(locked).decode()}
    return True


def restore(request: HttpRequest, user: Any) -> Fields | None:
    """Take out what was kept of the page at hand for `user`, or None; what was somebody else's is thrown away."""
    session = getattr(request, "session", None)
    slot = session.get(SLOT) if session else None
    if session is None or slot is None or (slot["owner"] == str(user.pk) and slot["path"] != request.path):
        return None
    del session[SLOT]
    if slot["owner"] != str(user.pk) or not is_installed:
        return None
    locked = b64decode(slot["locked"])
    try:
        content = _cipher().decrypt(locked[:_NONCE], locked[_NONCE:], _about(slot["owner"], slot["path"]))
    except (InvalidTag, ValueError):  # the host's secret is another by now
        return None
    return [(name, value) for name, value in json.loads(content)]


def _owner(request: HttpRequest) -> str:
    try:
        return str(signing.loads(request.POST.get(FIELD, ""), salt=_SALT, max_age=MOST_HOURS * 3600))
    except signing.BadSignature:
        return ""


def _cipher() -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_SALT.encode())
    return AESGCM(key.derive(str(django_settings.SECRET_KEY).encode()))


def _about(owner: str, path: str) -> bytes:
    return f"{owner}\x1f{path}".encode()

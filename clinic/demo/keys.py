"""The demo's secrets: made at random once per data folder, kept in one private file. No secret stands in the code."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """What one demo needs again at its next start, so that sessions, mailed links and the password still work."""

    secret_key: str
    link_key: str
    password: str


def kept_in(folder: Path) -> DemoKeys:
    """Return the keys of the demo in `folder`; the first call makes them, readable by this user only."""
    path = folder / "demo-keys.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = DemoKeys(secrets.token_urlsafe(48), secrets.token_urlsafe(48), secrets.token_urlsafe(9))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(made), file)
    return DemoKeys(**json.loads(path.read_text(encoding="utf-8")))

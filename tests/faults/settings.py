"""The reference host for an engine in a process of its own; its mail backend can kill it at a named point."""

from __future__ import annotations

import os

from clinic.settings import *  # noqa: F403
from clinic.settings import DATABASES

DATABASES["default"]["CONN_MAX_AGE"] = 0
if os.environ.get("RLS_FAILPOINT"):
    from clinic import environment

    for _name, _value in environment.mail({"EMAIL_BACKEND": "tests.faults.backend.Deadly"}, timeout=5).items():
        globals()[_name] = _value

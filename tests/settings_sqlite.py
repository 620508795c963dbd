"""The reference host on SQLite in a file, as the demo uses it: WAL, IMMEDIATE transactions, recursive triggers."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Alive as long as the run. Every worker of pytest-xdist has its own.
_folder = tempfile.TemporaryDirectory(prefix="rls-sqlite-")
os.environ["DATABASE_URL"] = f"sqlite:///{_folder.name}/clinic.sqlite3"

from clinic import environment  # noqa: E402
from tests.settings_base import *  # noqa: E402, F403

# Without a name of its own the test database would be in memory, where WAL and a second connection do not exist.
DATABASES = {
    "default": environment.database(
        {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(_folder.name, "clinic.sqlite3"),
            "TEST": {"NAME": Path(_folder.name, "test.sqlite3")},
        },
        synchronous="OFF",
    ),
}

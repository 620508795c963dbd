"""The reference host in production mode on a PostgreSQL of the run's own, one that writes to the disk."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["PG_DURABLE"] = "1"

from tests.settings_postgres import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")  # noqa: F405
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405  as docs/ asks of a production host
LOGGING_CONFIG = None

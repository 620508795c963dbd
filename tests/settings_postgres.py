"""The reference host on the PostgreSQL of the test run, which starts here unless DATABASE_URL names one."""

from __future__ import annotations

from tests.services import postgres

postgres.database_url()

from tests.settings_base import *  # noqa: E402, F403

DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405  # an idle connection would keep its test database from being dropped

"""The reference host on the MariaDB that DATABASE_URL=mysql://... names, for `make mariadb`."""

from __future__ import annotations

import os

from tests.settings_base import *  # noqa: F403

if not os.environ.get("DATABASE_URL", "").startswith("mysql://"):
    raise SystemExit("Name a MariaDB 10.11 or newer in DATABASE_URL, as mysql://root@127.0.0.1:3306/clinic")

# An idle connection would keep its test database from being dropped; without utf8mb4 an emoji is an error.
DATABASES["default"] |= {"CONN_MAX_AGE": 0, "TEST": {"CHARSET": "utf8mb4"}}  # noqa: F405

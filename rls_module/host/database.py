"""Which database our rows are in now: the one that the host's routers name; a host may have one for each clinic."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections, router


def alias() -> str:
    """Return the alias of the database that holds our rows, as the routers answer at this moment."""
    return router.db_for_write(apps.get_model("rls_module", "Chart"))


def connection() -> Any:
    """Return this thread's connection to that database: never `django.db.connection`, which is always `default`."""
    return connections[alias()]

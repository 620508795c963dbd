"""Which database our rows are in now: the one that the host's routers name; a host may have one for each clinic."""

from __future__ import annotations

from typing import Any, TypeVar

from django.apps import apps
from django.db import connections, router
from django.db.models import Model, QuerySet


def alias() -> str:
    """Return the alias of the database that holds our rows, as the routers answer at this moment."""
    return router.db_for_write(apps.get_model("rls_module", "Chart"))


def connection() -> Any:
    """Return this thread's connection to that database: never `django.db.connection`, which is always `default`."""
    return connections[alias()]


_AnyModel = TypeVar("_AnyModel", bound=Model)


def locked(rows: QuerySet[_AnyModel], *, skip_locked: bool = False) -> QuerySet[_AnyModel]:
    """Return `rows` such that reading them locks them until the transaction ends, but not the rows joined to them.

    MariaDB can't lock a part of a join and locks the joined rows as well; SQLite has one writer and locks nothing.
    `skip_locked` leaves out what another transaction holds: only where the database has that.
    """
    of = ("self",) if connection().features.has_select_for_update_of else ()
    return rows.select_for_update(of=of, skip_locked=skip_locked)

"""What only the database itself can say: identity, tables, version, triggers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, router

from rls_module.audit import guards
from rls_module.checks.messages import TAG, error, warning
from rls_module.host import identity

_MYSQL_LIMITS = (
    "Changes of tables are not transactional, conditional uniques are not created, row locks and time zone tables "
    "depend on version and set-up, signed rows are not guarded by triggers. PostgreSQL has none of these limits."
)
_LEAST_VERSION = {"postgresql": (14,), "sqlite": (3, 35)}


@register(TAG, "database")
def databases_are_ours(app_configs: Any, databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E008, E009, E012, E021, E030, W005, W033: identity, tables, version, guards, recursive triggers on SQLite,
    MariaDB, several writers on SQLite.
    """
    found: list[CheckMessage] = []
    for alias in databases or ():
        if router.allow_migrate_model(alias, apps.get_model("rls_module", "Chart")):  # a host may have several
            for check in (_version, _tables, _identity, _triggers, _recursion, _writers):
                found += check(connections[alias])
    return found


def _version(connection: Any) -> list[CheckMessage]:
    least = _LEAST_VERSION.get(connection.vendor)
    if least is None:
        if connection.vendor == "mysql":
            return [warning("005", "MariaDB and MySQL: best effort.", _MYSQL_LIMITS)]
        return [error("012", f"{connection.display_name} is not supported.", "Use PostgreSQL or SQLite.")]
    version = tuple(connection.get_database_version())
    if version >= least:
        return []
    message = f"{connection.display_name} {'.'.join(map(str, version))} is too old."
    return [error("012", message, f"At least {'.'.join(map(str, least))} is needed.")]


def _has_tables(connection: Any) -> bool:
    return "rls_module_hostidentity" in connection.introspection.table_names()


def _tables(connection: Any) -> list[CheckMessage]:
    try:
        tables = connection.introspection.table_names()
        if "django_migrations" not in tables or "rls_module_chart" in tables:
            return []
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations WHERE app = %s", ["rls_module"])
            is_recorded = cursor.fetchone() is not None
    except DatabaseError:
        return []
    hint = "migrate rls_module zero --fake, then migrate again where the patients' tables are."
    message = "The migrations of rls_module are recorded but its tables are absent."
    return [error("009", message, hint)] if is_recorded else []


def _identity(connection: Any) -> list[CheckMessage]:
    if not _has_tables(connection):
        return []
    try:
        difference = identity.mismatch(connection.alias)
    except (ImproperlyConfigured, LookupError):
        return []  # E002 says what is wrong with the patient model
    hint = "Every chart would point at whoever has the same key in another table. Point PATIENT_MODEL back."
    return (
        [error("008", f"The host is not the one these rows were written for: {difference}.", hint)]
        if difference
        else []
    )


def _triggers(connection: Any) -> list[CheckMessage]:
    if not _has_tables(connection) or _is_migrating(connection):
        return []
    hint = "Run migrate rls_module 0001 and then migrate rls_module: a table that was rebuilt has lost them."
    return [
        error("021", f"The trigger {name}, which guards signed rows, is missing.", hint)
        for name in guards.missing(connection)
    ]


def _is_migrating(connection: Any) -> bool:
    """True between our first migration and the one that installs the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations WHERE app = %s AND name = %s", ["rls_module", "0002_guards"])
        return cursor.fetchone() is None


def _recursion(connection: Any) -> list[CheckMessage]:
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        if cursor.fetchone()[0]:
            return []
    hint = "OPTIONS = {'init_command': 'PRAGMA recursive_triggers=ON;'}: else INSERT OR REPLACE rewrites signed rows."
    return [error("030", "SQLite runs without recursive triggers.", hint)]


def _writers(connection: Any) -> list[CheckMessage]:
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        has_log = cursor.fetchone()[0] in {"wal", "memory"}
    if has_log and connection.transaction_mode == "IMMEDIATE":
        return []
    hint = (
        "OPTIONS = {'transaction_mode': 'IMMEDIATE', 'init_command': 'PRAGMA journal_mode=WAL;'}, and a timeout of 20."
    )
    return [
        warning("033", "SQLite is not set up for several writers: saving may fail with 'database is locked'.", hint)
    ]

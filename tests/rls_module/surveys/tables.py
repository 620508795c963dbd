"""Everything that is stored, as text."""

from __future__ import annotations

from django.db import connection


def dump() -> dict[str, list[str]]:
    """Every row of every table."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """The names of the tables that hold something else now."""
    return [table for table in after if before[table] != after[table]]

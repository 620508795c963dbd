"""Opening and closing the one door through which guarded rows may be deleted, inside the caller's transaction."""

from __future__ import annotations

from typing import Any

_OPEN = {
    "postgresql": "INSERT INTO rls_module_erasure (transaction_id, opened_at) VALUES (txid_current(), now())",
    "sqlite": "INSERT INTO rls_module_erasure (opened_at) VALUES (STRFTIME('%Y-%m-%d %H:%M:%f', 'now'))",
}


def open_door(connection: Any) -> None:
    """Let DELETE and TRUNCATE pass until the end of this transaction; the caller audits why and closes the door."""
    statement = _OPEN.get(connection.vendor)
    if statement is not None:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def close_door(connection: Any) -> None:
    """Close the door again, before the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rls_module_erasure")

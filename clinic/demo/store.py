"""Where the demo's data lies: its own SQLite file, or a PostgreSQL database given to it that holds nothing else.

A database is emptied only where its own mark says that a demo made it. What the mark says beyond that is what it was
built from.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, connections

MARK = "rls_module demo, rebuilt at will: "
BUILDING = "building"


def folder() -> Path:
    """The demo's own folder."""
    return Path(getattr(settings, "DEMO_DIR"))  # noqa: B009  a setting of the demo alone


def label() -> str:
    """What the data is called in a sentence to whoever started the demo."""
    return str(settings.DATABASES["default"]["NAME"])


def mark() -> str | None:
    """Return what the data was built from; None where it is not there, not whole, or no demo's."""
    if connection.vendor == "sqlite":
        path = _mark_path()
        return path.read_text(encoding="ascii") if path.exists() and _database_path().exists() else None
    said = _comment()
    return said.removeprefix(MARK) if said.startswith(MARK) else None


def write_mark(fingerprint: str) -> None:
    """Say that the data is whole and what it was built from."""
    if connection.vendor == "sqlite":
        _mark_path().write_text(fingerprint, encoding="ascii")
    else:
        _comment_on(fingerprint)


def clear() -> None:
    """Empty the place for a new build; raises CommandError where somebody else's data lies there."""
    connections.close_all()
    if connection.vendor == "sqlite":
        _mark_path().unlink(missing_ok=True)
        for suffix in ("", "-wal", "-shm"):
            Path(f"{_database_path()}{suffix}").unlink(missing_ok=True)
        return
    try:
        _clear_schema()
    except DatabaseError as error:
        raise CommandError(
            f"The database {label()} can't be made ready for the demo ({type(error).__name__}). "
            "Give it an empty database of its own, owned by the user in DATABASE_URL."
        ) from None


def _clear_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        is_empty = cursor.fetchone() == (0,)
    if not is_empty and mark() is None:
        raise CommandError(
            f"The database {label()} holds something that no demo has made, and the demo empties its database. "
            "Name an empty one in DATABASE_URL, or unset it."
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    _comment_on(BUILDING)


def _comment() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(obj_description('public'::regnamespace), '')")
            return str(cursor.fetchone()[0])
    except DatabaseError as error:
        raise CommandError(f"The database in DATABASE_URL can't be reached ({type(error).__name__}).") from None


def _comment_on(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON SCHEMA public IS %s", [MARK + words])


def _database_path() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _mark_path() -> Path:
    return _database_path().with_suffix(".fingerprint")

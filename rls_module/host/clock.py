"""The two clocks: `now()` for everything that is due, and the database's own for leases and audit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, Value
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from rls_module import conf
from rls_module.host import database
from rls_module.host.adapter import adapter

_DATABASE_CLOCK = {
    "postgresql": "SELECT statement_timestamp()",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
}


def now() -> datetime:
    """Return the clinic's now, aware, in UTC: CLOCK() where it is set (demo, tests), else the database's time.

    A door asks once and passes the answer down.
    """
    path = conf.get("CLOCK")
    return import_string(path)().astimezone(UTC) if path else database_now()


def clinic_day(now: datetime, scope: str) -> date:
    """Return the date at `now` on the wall of the clinic `scope`."""
    return now.astimezone(adapter().brand(scope).zone).date()


def database_now() -> datetime:
    """Return the real database clock; SQLite lives in this process, so its clock is ours.

    A job that has entered no clinic yet may have no database to ask: then it is this machine's clock. Nothing goes out
    where the two differ.
    """
    connection = database.connection()
    statement = _DATABASE_CLOCK.get(connection.vendor)
    if statement is None:
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        instant: datetime = cursor.fetchone()[0]
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def lease_end(seconds: int) -> ExpressionWrapper:
    """Return the SQL expression of the database's now plus `seconds`; never the settable clock."""
    return ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())

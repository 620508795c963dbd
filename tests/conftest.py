"""What every test can use: the mail server, the browser, two databases. The servers themselves are in services/."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import dj_email_url
import django
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from clinic import environment
from rls_module.audit import erasure
from rls_module.host import identity
from tests.faults.processes import until
from tests.services import browser
from tests.services.smtp import SmtpServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker, Settings

MOST_WORKERS = 16

# The marks of tests that a database can't run, and the databases that run only what is marked `both`.
NOT_THERE = {
    "postgresql": {"only_sqlite"},
    "sqlite": {"only_postgresql"},
    "mysql": {"only_postgresql", "only_sqlite", "not_mariadb"},
}
ONLY_BOTH = {"sqlite", "mysql"}

# Playwright keeps an event loop running in the test's thread, which Django would take for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_xdist_auto_num_workers() -> int:
    """Two at least, so that what breaks in parallel breaks everywhere."""
    return min(max(2, os.cpu_count() or 2), MOST_WORKERS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """PostgreSQL runs everything but what only SQLite has; SQLite and MariaDB what is marked `both`.

    A host without a database of the name `default` says with `-m` what its databases have.
    """
    others = set(NOT_THERE.get(connection.vendor, ()))
    if django.VERSION >= (6, 1):
        others.add("before_mailers")

    def belongs(item: pytest.Item) -> bool:
        marks = {mark.name for mark in item.iter_markers()}
        return not marks & others and (connection.vendor not in ONLY_BOTH or "both" in marks)

    config.hook.pytest_deselected(items=[item for item in items if not belongs(item)])
    items[:] = [item for item in items if belongs(item)]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how much was counted: routes, cells, violations that were seeded (`record_property`)."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        counts.update({name: int(value) for name, value in report.user_properties})
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count:>6} {name}")


@pytest.fixture(scope="session", autouse=True)
def _flush_through_the_erasure_door() -> Iterator[None]:
    """Let the flush between transactional tests pass the triggers by the one door they have, in its transaction."""
    original = BaseDatabaseOperations.execute_sql_flush

    def flush(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        with transaction.atomic(using=operations.connection.alias):
            erasure.open_door(operations.connection)
            # On SQLite each table is emptied by itself: the door's own table last, or it closes too early.
            original(operations, sorted(statements, key=lambda one: "rls_module_erasure" in one))
            erasure.close_door(operations.connection)
        identity.record(apps, SimpleNamespace(connection=operations.connection))

    BaseDatabaseOperations.execute_sql_flush = flush
    yield
    BaseDatabaseOperations.execute_sql_flush = original


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Take a test database down when nobody else is in it: PostgreSQL lets a process go after it has ended.

    Whoever stays is named and shown out: by now every test has passed or failed.
    """
    yield
    if connection.vendor == "postgresql":
        gc.collect()  # a thread that has ended may hold its connection until then
        with django_db_blocker.unblock(), suppress(AssertionError):
            until(lambda: not _others_here(""), patience=20)
        with django_db_blocker.unblock():
            for query, *_ in _others_here(", pg_terminate_backend(pid)"):
                print("still in the test database:", query, file=sys.__stderr__)


def _others_here(more: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT query{more} FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
        return cursor.fetchall()


@pytest.fixture(scope="session")
def _smtp_service() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp_server(_smtp_service: SmtpServer, settings: Settings) -> Iterator[SmtpServer]:
    """A real SMTP server, empty at the test's start, that Django's mails go to."""
    address = dj_email_url.parse(f"smtp://{_smtp_service.host}:{_smtp_service.port}")
    for name, value in environment.mail(address, timeout=5).items():
        setattr(settings, name, value)
    _smtp_service.forget()
    yield _smtp_service
    _smtp_service.forget()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium for pytest-playwright's fixtures `page`, `context` and `browser`."""
    return {**browser_type_launch_args, "executable_path": browser.executable(), "args": list(browser.FLAGS)}

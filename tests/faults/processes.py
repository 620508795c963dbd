"""Engines in processes of their own, over the database of the test: loops, Celery workers and beats."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from tests.services.smtp import SmtpServer

ROOT = Path(__file__).parents[2]
# A lease that is shorter than a batch takes on a busy machine would have two workers send the same rows.
QUICK = {"RLS_MODULE_LEASE_S": "60", "RLS_MODULE_UNCERTAIN_WAIT_S": "1", "RLS_MODULE_RETRY_STEPS": "1"}
LOOP = ("manage.py", "rls_followups", "run", "--loop", "--interval", "0.3")
WORKER = ("-m", "celery", "-A", "clinic", "worker", "--pool=threads", "--concurrency=2", "--loglevel=WARNING")
PATIENCE_S = 60


def until(condition: Callable[[], bool], *, patience: float = PATIENCE_S) -> None:
    """Wait until `condition` holds; fail when it does not in time."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not come"
        time.sleep(0.05)


@contextmanager
def running(
    smtp: SmtpServer, *commands: tuple[str, ...], log: Path | None = None, **environment: str
) -> Iterator[list[subprocess.Popen[str]]]:
    """Run each command of Python in a process of its own until the block ends; all of them are gone after it.

    What they say goes to `log`, and nowhere without one.
    """
    processes = [_started(smtp, command, environment, log or Path(os.devnull)) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _started(smtp: SmtpServer, command: tuple[str, ...], extra: dict[str, str], log: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        **QUICK,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://{smtp.host}:{smtp.port}",
        "RLS_TEST_SMTP": f"{smtp.host}:{smtp.port}",
        "BASE_URL": "http://clinic.example.org",
        "ALLOW_HTTP": "1",
        "PYTHONPATH": str(ROOT),
        **extra,
    }
    with log.open("a") as said:
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT, text=True
        )


def beat(folder: Path) -> tuple[str, ...]:
    """The command of a beat that keeps its book in `folder`."""
    return (
        "-m",
        "celery",
        "-A",
        "clinic",
        "beat",
        "--loglevel=WARNING",
        "--schedule",
        str(folder / "beat"),
        "--pidfile=",
    )


def database_url() -> str:
    """The address of this test's own database, for another process."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))

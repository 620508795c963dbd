"""The demo as a newcomer starts it: one process, its own data, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.faults.processes import until
from tests.services.redis import own_server

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[2]
NEW_YORK = ZoneInfo("America/New_York")
PASSWORD = "a password for this test"


@dataclass(frozen=True)
class Demo:
    """A demo of its own: its folder and its port."""

    folder: Path
    port: int

    def command(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environ(**environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=self.environ(**environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def environ(self, **changes: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        mine = {"DEMO_DIR": str(self.folder), "PORT": str(self.port), "DEMO_PASSWORD": PASSWORD}
        return {**kept, **mine, **changes}

    def opener(self) -> urllib.request.OpenerDirector:
        return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def page(self, path: str, opener: urllib.request.OpenerDirector | None = None) -> str:
        with (opener or self.opener()).open(self.url(path), timeout=30) as response:
            return response.read().decode()

    def post(self, path: str, opener: urllib.request.OpenerDirector, **fields: str) -> str:
        body = urllib.parse.urlencode(fields).encode()
        with opener.open(urllib.request.Request(self.url(path), body), timeout=30) as response:
            return response.read().decode()

    def now(self) -> datetime:
        return datetime.fromisoformat(re.search(r'<time datetime="([^"]+)"', self.page("/accounts/login/"))[1])


def until_open(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C stops everything" in line:
            return said
    raise AssertionError(said)


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    return process.returncode


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo"), free_port())
    process = made.start()
    until_open(process)
    yield made
    stop(process)


def send_a_mail(demo: Demo) -> None:
    program = """
from django.core.mail import EmailMultiAlternatives
mail = EmailMultiAlternatives("Unas preguntas más", "Abrir: http://127.0.0.1/q/abc/", to=["ana@example.org"])
mail.extra_headers["List-Unsubscribe"] = "<http://127.0.0.1/q/u/abc/>"
mail.attach_alternative('<p><a href="http://127.0.0.1/q/abc/">Abrir</a></p>', "text/html")
mail.send()
"""
    result = demo.command("shell", "-c", program, DJANGO_SETTINGS_MODULE="clinic.settings_demo")
    assert result.returncode == 0, result.stderr


def signed_in(demo: Demo, username: str) -> urllib.request.OpenerDirector:
    opener = demo.opener()
    page = demo.page("/accounts/login/", opener)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    demo.post("/accounts/login/", opener, csrfmiddlewaretoken=token, username=username, password=PASSWORD)
    return opener


def test_inbox_gives_every_mail_as_json(demo: Demo) -> None:
    send_a_mail(demo)
    mails = json.loads(demo.page("/inbox/?format=json"))
    mine = next(mail for mail in mails if mail["to"] == "ana@example.org")
    assert set(mine) == {"id", "to", "subject", "sent_at", "headers", "text", "html"}
    assert mine["subject"] == "Unas preguntas más"
    assert mine["headers"]["List-Unsubscribe"] == "<http://127.0.0.1/q/u/abc/>"
    assert mine["text"] == "Abrir: http://127.0.0.1/q/abc/"
    assert mine["html"] == '<p><a href="http://127.0.0.1/q/abc/">Abrir</a></p>'
    times = [datetime.fromisoformat(mail["sent_at"]) for mail in mails]
    assert times == sorted(times, reverse=True)


def test_a_mail_opens_in_a_locked_frame_with_links_to_follow(demo: Demo) -> None:
    send_a_mail(demo)
    mails = json.loads(demo.page("/inbox/?format=json"))
    newest = next(mail["id"] for mail in mails if mail["to"] == "ana@example.org")
    page = demo.page(f"/inbox/{newest}/")
    assert f'src="/inbox/{newest}/html/"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert '<a href="http://127.0.0.1/q/abc/"' in page
    with demo.opener().open(demo.url(f"/inbox/{newest}/html/"), timeout=30) as response:
        policy = response.headers["Content-Security-Policy"]
        html = response.read().decode()
    assert policy.startswith("default-src 'none'")
    assert "sandbox allow-popups" in policy
    assert "demo-bar" not in html


def test_the_clock_starts_in_the_morning_and_each_advance_lands_at_ten(demo: Demo) -> None:
    before = demo.now()
    assert before.astimezone(NEW_YORK).hour == 10
    result = demo.command("demo_clock", "--advance", "42d")
    assert result.returncode == 0, result.stderr
    after = demo.now().astimezone(NEW_YORK)
    assert (after.date() - before.astimezone(NEW_YORK).date()).days == 42
    assert (after.hour, after.minute) == (10, 0)


@pytest.mark.parametrize("span", ["0d", "-1d", "soon", "3m"])
def test_the_clock_refuses_what_is_no_step_forward(demo: Demo, span: str) -> None:
    result = demo.command("demo_clock", f"--advance={span}")
    assert result.returncode == 2
    assert "is no span of time" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_bars_buttons_move_the_clock_and_lead_back(demo: Demo) -> None:
    opener = signed_in(demo, "therapist")
    page = demo.page("/patients/", opener)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    before = demo.now()
    answer = demo.post("/demo/clock/", opener, csrfmiddlewaretoken=token, days="7", back="/patients/")
    assert "<h1>Patients</h1>" in answer
    assert (demo.now().date() - before.date()).days == 7
    with pytest.raises(urllib.error.HTTPError, match="403"):
        demo.post("/demo/clock/", demo.opener(), days="7")


def test_the_bar_leads_only_to_our_own_pages(demo: Demo) -> None:
    opener = signed_in(demo, "therapist")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', demo.page("/", opener))[1]
    answer = demo.post("/demo/clock/", opener, csrfmiddlewaretoken=token, days="1", back="https://example.org/")
    assert "Riverside Physical Therapy" in answer


def test_each_account_sees_its_own_side_of_the_demo(demo: Demo) -> None:
    assert "Lindqvist, Grace" in demo.page("/patients/?q=grace", signed_in(demo, "therapist"))
    assert "Lindqvist, Grace" not in demo.page("/patients/?q=grace", signed_in(demo, "colleague"))
    assert "Lindqvist, Grace" not in demo.page("/patients/?q=grace", signed_in(demo, "stranger"))
    assert "Vargas, Grace" in demo.page("/patients/?q=grace", signed_in(demo, "stranger"))
    assert "Patients" in demo.page("/admin/", signed_in(demo, "admin"))


def test_patients_pages_carry_no_bar(demo: Demo) -> None:
    assert "demo-bar" in demo.page("/accounts/login/")
    with pytest.raises(urllib.error.HTTPError) as refused:
        demo.page("/q/no-such-link/")
    assert refused.value.code == 404
    assert b"demo-bar" not in refused.value.read()


def test_a_busy_port_is_a_sentence(demo: Demo, tmp_path: Path) -> None:
    result = Demo(tmp_path, demo.port).command("demo")
    assert result.returncode == 1
    assert f"Port {demo.port} of 127.0.0.1 cannot be used" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_demo_leaves_the_data_of_the_first_alone(demo: Demo) -> None:
    result = Demo(demo.folder, free_port()).command("demo", FRESH="1")
    assert result.returncode == 1
    assert "Another demo is already using" in result.stderr


def test_the_clock_of_a_demo_that_was_never_started_is_a_sentence(tmp_path: Path) -> None:
    result = Demo(tmp_path, free_port()).command("demo_clock")
    assert result.returncode == 1
    assert "There is no demo yet" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_start_builds_nothing_and_changed_code_builds_anew(tmp_path: Path) -> None:
    demo = Demo(tmp_path, free_port())
    process = demo.start()
    assert "Building the demo clinic" in until_open(process)
    assert stop(process) == 0

    process = demo.start()
    assert "Building" not in until_open(process)
    assert stop(process) == 0
    with pytest.raises(urllib.error.URLError):
        demo.page("/inbox/")

    (tmp_path / "demo.fingerprint").write_text("another version")
    process = demo.start()
    assert "Building the demo clinic" in until_open(process)
    assert stop(process) == 0


def test_without_a_password_of_ours_a_random_one_is_kept_in_private(tmp_path: Path) -> None:
    demo = Demo(tmp_path, free_port())
    program = "from django.conf import settings; print(settings.DEMO_PASSWORD)"
    say = {"DJANGO_SETTINGS_MODULE": "clinic.settings_demo", "DEMO_PASSWORD": ""}
    first, second = (demo.command("shell", "--no-imports", "-c", program, **say).stdout for _ in range(2))
    assert len(first.strip()) >= 12
    assert first == second
    assert (tmp_path / "demo-keys.json").stat().st_mode & 0o077 == 0


# On the real parts


@pytest.fixture
def database() -> Iterator[str]:
    """A new, empty PostgreSQL database, as its URL."""
    server, name = urlsplit(os.environ["DATABASE_URL"]), f"demo_{uuid4().hex[:12]}"
    with psycopg.connect(urlunsplit(server._replace(path="/postgres")), autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(server._replace(path=f"/{name}"))
        line.execute(f"DROP DATABASE {name} WITH (FORCE)")


def children(process: subprocess.Popen[str], word: str) -> list[int]:
    """The processes that the demo started and whose command line holds `word`."""
    found = subprocess.run(["pgrep", "-P", str(process.pid), "-f", word], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def mails(demo: Demo) -> list[dict[str, Any]]:
    return json.loads(demo.page("/inbox/?format=json"))


def test_postgresql_and_redis_serve_the_same_demo_and_a_killed_worker_loses_nothing(database: str, tmp_path: Path):
    """F-01, F-12, part: by hand, as a newcomer would try it."""
    demo = Demo(tmp_path, free_port())
    with own_server() as redis:
        process = demo.start(DATABASE_URL=database, REDIS_URL=redis.url, RLS_MODULE_LEASE_S="20")
        try:
            assert "Engine: a Celery beat and worker" in until_open(process)
            until(lambda: len(children(process, "worker")) == 1 and len(children(process, "beat")) == 1)
            kill_the_worker_while_it_sends(demo, process, database)
            until(lambda: not waiting(database))
            headers = [mail["headers"]["Message-ID"] for mail in mails(demo) if "Message-ID" in mail["headers"]]
            assert len(headers) == len(set(headers)), "a mail went out twice"
        finally:
            assert stop(process) == 0
    assert children(process, "celery") == []
    assert not (tmp_path / "demo.sqlite3").exists()


def kill_the_worker_while_it_sends(demo: Demo, process: subprocess.Popen[str], database: str) -> None:
    before = len(mails(demo))
    assert demo.command("demo_clock", "--advance", "42d", DATABASE_URL=database).returncode == 0
    until(lambda: len(mails(demo)) > before)
    [worker] = children(process, "worker")
    os.kill(worker, signal.SIGKILL)
    until(lambda: children(process, "worker") not in ([], [worker]))


def waiting(database: str) -> int:
    """How many mails are due and not sent."""
    with psycopg.connect(database) as line:
        due = "SELECT count(*) FROM rls_module_delivery WHERE state = ANY(%s) AND next_attempt_at <= %s"
        clock = "SELECT clinic_at + (now() - real_at) FROM demo_democlock"
        [now] = line.execute(clock).fetchone()
        [count] = line.execute(due, [["scheduled", "retry", "sending"], now]).fetchone()
        return count


def test_a_database_with_other_data_is_left_alone(database: str, tmp_path: Path):
    with psycopg.connect(database) as line:
        line.execute("CREATE TABLE payroll (amount int)")
    refused = Demo(tmp_path, free_port()).command("demo", DATABASE_URL=database)
    assert refused.returncode == 1
    assert "holds something that no demo has made" in refused.stderr
    assert "Traceback" not in refused.stderr
    with psycopg.connect(database) as line:
        assert line.execute("SELECT count(*) FROM payroll").fetchone() == (0,)

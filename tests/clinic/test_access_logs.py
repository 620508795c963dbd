"""The reference host behind its sample of nginx and gunicorn: no log of theirs holds a patient's link."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from clinic.logs import redacted
from rls_module.followups import links
from tests.clinic.test_settings import PRODUCTION, ROOT
from tests.faults.processes import until
from tests.services import nginx

TOKEN = links.new_selector() + "V" * 43
TICKET = f"en.{'s' * 22}.1790000000.{'w' * 43}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[int]:
    """Gunicorn by its sample, on a port of its own."""
    port = free_port()
    command = ["-m", "gunicorn", "--config", "clinic/gunicorn_conf.py", "--bind", f"127.0.0.1:{port}"]
    environ = {**PRODUCTION, "PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/empty"}
    with (tmp_path / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT
        )
        until(lambda: listens(port))
        yield port
        process.terminate()
        process.wait(30)


@pytest.fixture
def proxy(tmp_path: Path, gunicorn: int) -> Iterator[int]:
    """The proxy by its sample, with nothing changed but ports and folders."""
    port = free_port()
    sample = (ROOT / "docs" / "nginx.conf").read_text()
    for old, new in {"listen 80;": f"listen 127.0.0.1:{port};", "127.0.0.1:8000": f"127.0.0.1:{gunicorn}",
                     "/var/log/nginx/": f"{tmp_path}/", "Proto $scheme": "Proto https"}.items():  # fmt: skip
        assert old in sample
        sample = sample.replace(old, new)
    temporary = "".join(
        f"{one}_temp_path {tmp_path}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid; daemon off; error_log {tmp_path}/error.log; events {{}} http {{ {temporary} {sample} }}"
    )
    process = subprocess.Popen([nginx.program(), "-e", f"{tmp_path}/error.log", "-c", config])
    until(lambda: listens(port))
    yield port
    process.terminate()
    process.wait(30)


def ask(port: int, path: str, data: bytes | None = None) -> int:
    headers = {
        "Host": "clinic.example.org",
        "Referer": f"https://clinic.example.org{path}",
        "X-Forwarded-Proto": "https",
    }
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET" if data is None else "POST", path, data, headers)
    status = line.getresponse().status
    line.close()
    return status


def test_no_log_of_the_servers_holds_a_token_or_a_ticket(proxy, gunicorn, tmp_path):
    """TK-14: pages, posts, what is too large, what has no slash or view, and no database."""
    for path in (
        f"/q/{TOKEN}/",
        f"/q/u/{TOKEN}/",
        f"/q/{TOKEN}/?t={TICKET}&page=nights",
        f"/q/{TOKEN}",
        f"/q/{TOKEN}/x/",
    ):
        assert ask(proxy, path) == ask(gunicorn, path) in (404, 500, 503)
    assert ask(proxy, f"/q/{TOKEN}/", b"x" * 70_000) == 413
    assert ask(proxy, f"/q/{TOKEN}/", b"do=start") >= 400
    logs = {path.name: path.read_text() for path in tmp_path.glob("*.log")}
    assert logs.keys() == {"clinic.log", "error.log", "gunicorn.log"}
    assert f"/q/{TOKEN[:8]}..." in logs["clinic.log"]
    assert f"/q/{TOKEN[:8]}..." in logs["gunicorn.log"]
    secrets = (TOKEN, TOKEN[22:], TICKET, TICKET[-43:])
    assert [
        (name, line) for name, text in logs.items() for line in text.splitlines() for one in secrets if one in line
    ] == []


@pytest.mark.both
def test_what_is_no_key_stays_readable():
    """TK-14: only tokens and tickets are taken out."""
    plain = '10.0.0.1 "GET /rls/charts/6f0d6a55-6a2b-4f0e-a95f-6a3c0d8e2f11/?page=2 HTTP/1.1" 200 ' + "a" * 64
    assert redacted(plain) == plain
    assert redacted(f"GET /q/{TOKEN}/?t={TICKET}&page=x") == f"GET /q/{TOKEN[:8]}.../?t=en...&page=x"

"""What keeps a release back: a package with a known weakness, and a service that can't be asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.contracts.test_supply import LOCKS, pins

ROOT = Path(__file__).parents[2]
WEAK = {
    "id": "GHSA-0000-0000-0000",
    "modified": "2026-01-01T00:00:00Z",
    "summary": "Made up for this test.",
    "affected": [
        {
            "package": {"name": "django", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}],
        }
    ],
}


class Osv(ThreadingHTTPServer):
    """A service that speaks OSV's protocol and knows of weaknesses in the packages that it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.weak: set[str] = set()
        self.asked: set[tuple[str, str]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class _Answers(BaseHTTPRequestHandler):
    server: Osv

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = query["package"]["name"].lower()
        self.server.asked.add((name, query["version"]))
        body = json.dumps({"vulns": [WEAK]} if name in self.server.weak else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Says nothing on the way."""


@pytest.fixture
def osv() -> Iterator[Osv]:
    with Osv() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def checked(url: str) -> tuple[int, str]:
    environment = {**os.environ, "OSV_URL": url, "RELEASE_TOOLS": str(Path(sys.executable).parents[1])}
    done = subprocess.run(
        [sys.executable, "tools/release_check.py", "weaknesses"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout


def test_every_package_of_every_lock_is_asked_about(osv):
    """SC-1: by name and exact version; none known is a pass."""
    assert checked(osv.url) == (0, f"ok      weaknesses  none known in {len(LOCKS)} locks\n1 passed, 0 failed\n")
    asked = {name.replace("_", "-").replace(".", "-") for name, _version in osv.asked}
    locked = {name.replace("_", "-").replace(".", "-") for lock in LOCKS for name in pins(lock)}
    assert len(locked & asked) > 50  # those that are locked for this machine's system and Python
    assert asked <= locked


def test_a_known_weakness_keeps_the_release_back(osv):
    """SC-1: and is named."""
    osv.weak.add("django")
    status, said = checked(osv.url)
    assert status == 1
    assert "FAILED  weaknesses" in said
    assert "GHSA-0000-0000-0000" in said


def test_a_service_that_cannot_be_asked_keeps_it_back_too():
    """SC-1: silence is no pass."""
    with Osv() as gone:
        url = gone.url
    status, said = checked(url)
    assert (status, said.startswith("FAILED  weaknesses")) == (1, True)

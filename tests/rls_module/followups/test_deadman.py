"""DEADMAN_URL: pinged after a whole turn of the engine, silent after one that failed somewhere."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rls_module.followups import actions
from tests import factories as make

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def pings(settings) -> Iterator[list[str]]:
    """What a real web server was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    settings.RLS_MODULE = settings.RLS_MODULE | {"DEADMAN_URL": f"http://127.0.0.1:{server.server_port}/ping/abc"}
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_whole_turn_shows_life(pings):
    """FE-9: liveness outside of the machine."""
    make.clinic()
    actions.tick(now=make.NOW)
    actions.tick(now=make.NOW)
    assert pings == ["/ping/abc", "/ping/abc"]


def test_a_turn_that_failed_somewhere_is_silent(pings, monkeypatch):
    """FE-9: its silence is the alarm."""
    make.clinic()
    monkeypatch.setattr("rls_module.followups.queue.sweep", broken)
    actions.tick(now=make.NOW)
    assert pings == []


def broken(*_args: object) -> None:
    raise RuntimeError


def test_a_ping_that_nobody_takes_stops_nothing(pings, settings, mailoutbox):
    settings.RLS_MODULE = settings.RLS_MODULE | {"DEADMAN_URL": "http://127.0.0.1:9/nobody"}
    make.queued(1)
    assert actions.tick(now=make.NOW) == 1


def test_no_address_no_ping(pings, settings):
    settings.RLS_MODULE = {name: value for name, value in settings.RLS_MODULE.items() if name != "DEADMAN_URL"}
    make.clinic()
    actions.tick(now=make.NOW)
    assert pings == []

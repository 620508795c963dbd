"""Serves the demo in one process: the web site in threads, the follow-up engine in one more; both end with it."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Callable
from types import FrameType
from wsgiref.simple_server import WSGIServer

from django.core.management import CommandError, call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections

ENGINE_PAUSE_S = 2.0
STOP_WAIT_S = 10.0


class Engine(threading.Thread):
    """Runs a tick of the plugin's engine every two seconds; a fault is told once and does not stop the next tick."""

    def __init__(self, *, stopping: threading.Event, say: Callable[[str], None]) -> None:
        super().__init__(name="engine", daemon=True)
        self._stopping = stopping
        self._say = say
        self._last_trouble = ""

    def run(self) -> None:
        """Tick until the demo stops."""
        while True:
            self._tick()
            if self._stopping.wait(ENGINE_PAUSE_S):
                return

    def _tick(self) -> None:
        try:
            call_command("rls_followups", "run", "--once", stdout=io.StringIO(), stderr=io.StringIO())
            self._tell("")
        except SystemExit as error:
            self._tell(f"it ended with {error.code}" if error.code else "")
        except Exception as error:  # noqa: BLE001 - whatever one tick meets, the demo and the next tick go on
            self._tell(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._last_trouble:
            fault = trouble.splitlines()[0]
            self._say(f"The follow-up engine had a fault ({fault}) and tries again every two seconds.")
        elif self._last_trouble and not trouble:
            self._say("The follow-up engine works again.")
        self._last_trouble = trouble


def bound(host: str, port: int) -> WSGIServer:
    """Return a web server that holds the port; raises CommandError, in a sentence, when it cannot be had."""
    try:
        server = ThreadedWSGIServer((host, port), WSGIRequestHandler, ipv6=":" in host)
    except OSError as error:
        raise CommandError(
            f"Port {port} of {host} cannot be used: {error.strerror}. Choose another one, such as: PORT=8123 make demo"
        ) from None
    return server


def until_stopped(server: WSGIServer, *, say: Callable[[str], None], welcome: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop the web server and the engine before returning."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, stop)
    server.set_app(get_wsgi_application())
    engine = Engine(stopping=stopping, say=say)
    web = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="web", daemon=True)
    web.start()
    engine.start()
    welcome()
    stopping.wait()
    say("Stopping ...")
    server.shutdown()
    server.server_close()
    engine.join(STOP_WAIT_S)
    connections.close_all()

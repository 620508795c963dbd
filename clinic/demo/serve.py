"""Serves the demo: the web site in threads, and the follow-up engine in one more, or as Celery's beat and worker.

What it starts ends with it.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType
from wsgiref.simple_server import WSGIServer

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections

ENGINE_PAUSE_S = 2.0
STOP_WAIT_S = 10.0

NOT_SAID = "ignore:You're running the worker with superuser privileges"  # true of a demo in a container, and no news
CELERY = {
    "worker": ("worker", "--pool=threads", "--concurrency=2", "--loglevel=WARNING", "--without-mingle"),
    "beat": ("beat", "--loglevel=WARNING", "--pidfile="),
}


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


class Celery(threading.Thread):
    """Keeps a beat and a worker running over REDIS_URL; one that dies is told and started again."""

    def __init__(self, *, stopping: threading.Event, say: Callable[[str], None]) -> None:
        super().__init__(name="celery", daemon=True)
        self._stopping = stopping
        self._say = say

    def run(self) -> None:
        """Start both, look after them, and end them when the demo stops."""
        running = {name: _celery(name) for name in CELERY}
        while not self._stopping.wait(ENGINE_PAUSE_S):
            for name, process in running.items():
                if process.poll() is not None:
                    self._say(f"Celery's {name} ended ({process.returncode}) and is started again.")
                    running[name] = _celery(name)
        for process in running.values():
            process.terminate()
        for process in running.values():
            _ended(process)


def _celery(name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "clinic", *CELERY[name]]
    # A session of its own: Ctrl-C in the terminal reaches the demo, and through it Celery, once.
    environ = {**os.environ, "PYTHONWARNINGS": NOT_SAID}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, start_new_session=True)  # noqa: S603  our own words


def _ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
    engine = (Celery if settings.REDIS_URL else Engine)(stopping=stopping, say=say)
    web = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="web", daemon=True)
    web.start()
    engine.start()
    welcome()
    stopping.wait()
    say("Stopping ...")
    server.shutdown()
    server.server_close()
    engine.join(3 * STOP_WAIT_S)
    connections.close_all()

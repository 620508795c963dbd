"""A mail server played by hand on a raw socket, for what a real one does only when it breaks. No fixtures here."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dj_email_url

from clinic import environment

RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero: closing cuts the line at once


@dataclass
class Line:
    """One connection of a client, as the server's script sees it."""

    peer: socket.socket
    _read: bytes = b""

    def say(self, reply: str) -> None:
        self.peer.sendall(reply.encode() + b"\r\n")

    def hear(self, until: bytes = b"\r\n") -> str:
        """Return what the client says up to `until`; raises ConnectionError when it hangs up before."""
        while until not in self._read:
            more = self.peer.recv(65536)
            if not more:
                raise ConnectionError
            self._read += more
        said, _, self._read = self._read.partition(until)
        return said.decode()

    def reset(self) -> None:
        """Cut the line without a word."""
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.peer.close()

    def wait_for_hang_up(self) -> None:
        """Say nothing until the client has had enough."""
        while self.peer.recv(65536):
            pass

    def envelope(self, before_354: Callable[[], None] | None = None) -> None:
        """Play the session up to and with the 354; `before_354` is done while the client still waits for that."""
        self.say("220 test ESMTP")
        for verb in ("EHLO", "MAIL", "RCPT"):
            assert self.hear().upper().startswith(verb)
            self.say("250 OK")
        assert self.hear().upper() == "DATA"
        if before_354 is not None:
            before_354()
        self.say("354 go on")


@dataclass
class HandPlayed:
    """A server between listening and closing; `accepted` are the mails that it took over."""

    port: int = 0
    accepted: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def playing(*scripts: Callable[[HandPlayed, Line], None]) -> Iterator[HandPlayed]:
    """Serve one connection after the other, each by its script; a connection too many is an error of the test."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = HandPlayed(port=listener.getsockname()[1])

    def serve() -> None:
        for script in scripts:
            try:
                peer, _ = listener.accept()
            except OSError:  # closed: the client never came
                return
            server.connections += 1
            peer.settimeout(30)
            with peer:
                try:
                    script(server, Line(peer))
                except (ConnectionError, TimeoutError):
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=30)
        assert not thread.is_alive()


def mail_to(settings: Any, port: int, *, login: str = "", timeout: int = 1) -> None:
    """Point Django's mail at a server on `port`; `login` is "user:password@", `timeout` in seconds."""
    address = dj_email_url.parse(f"smtp://{login}127.0.0.1:{port}")
    for name, value in environment.mail(address, timeout=timeout).items():
        setattr(settings, name, value)


# Scripts, named after the rows of the table of SMTP outcomes


def well(server: HandPlayed, line: Line) -> None:
    """Take one mail as a server should."""
    line.envelope()
    server.accepted.append(line.hear(b"\r\n.\r\n"))
    line.say("250 taken")
    line.hear()
    line.say("221 bye")


def busy_at_banner(server: HandPlayed, line: Line) -> None:
    line.say("421 too busy")


def cut_at_banner(server: HandPlayed, line: Line) -> None:
    line.reset()


def hang_at_banner(server: HandPlayed, line: Line) -> None:
    line.wait_for_hang_up()


def cut_in_data(server: HandPlayed, line: Line) -> None:
    """Drop the line after the 354, before the body has come."""
    line.envelope()
    line.reset()


def cut_after_dot(server: HandPlayed, line: Line) -> None:
    line.envelope()
    server.accepted.append(line.hear(b"\r\n.\r\n"))
    line.reset()


def hang_after_dot(server: HandPlayed, line: Line) -> None:
    line.envelope()
    server.accepted.append(line.hear(b"\r\n.\r\n"))
    line.wait_for_hang_up()


def _taken(server: HandPlayed, line: Line) -> None:
    line.envelope()
    server.accepted.append(line.hear(b"\r\n.\r\n"))
    line.say("250 taken")
    assert line.hear().upper() == "QUIT"


def cut_at_quit(server: HandPlayed, line: Line) -> None:
    _taken(server, line)
    line.reset()


def busy_at_quit(server: HandPlayed, line: Line) -> None:
    _taken(server, line)
    line.say("421 going down")


def hang_at_quit(server: HandPlayed, line: Line) -> None:
    _taken(server, line)
    line.wait_for_hang_up()


def refuse_login(server: HandPlayed, line: Line) -> None:
    """Offer AUTH and believe no password."""
    line.say("220 test ESMTP")
    line.hear()
    line.say("250-test")
    line.say("250 AUTH PLAIN LOGIN")
    while line.hear().upper() != "QUIT":
        line.say("535 5.7.8 no such user or password")
    line.say("221 bye")

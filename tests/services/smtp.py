"""A real SMTP server in this process that keeps what it is sent and can be told to misbehave. No fixtures here."""

# ruff: noqa: N802  aiosmtpd calls methods by the names of SMTP's verbs

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

HANG_UP = "hang up"  # cut the connection without an answer; the message is not kept
LOSE_ANSWER = "lose the answer"  # DATA only: keep the message, then cut the connection before the 250


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One accepted message: the envelope's addresses, the parsed message and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes


class _FreePortController(Controller):
    """Controller that may be given port 0 and then knows which port it got."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass
class SmtpServer:
    """An SMTP server on a free port of the loopback interface, between start() and stop()."""

    messages: list[ReceivedMail] = field(default_factory=list)
    _script: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))

    def start(self, *, tls: ssl.SSLContext | None = None) -> None:
        """Listen; returns when connections are taken. With `tls` it offers STARTTLS."""
        self._controller = _FreePortController(self, hostname="127.0.0.1", port=0, tls_context=tls)
        self._controller.start()

    def stop(self) -> None:
        """Close the port and end the server's thread."""
        self._controller.stop()

    @property
    def host(self) -> str:
        return self._controller.hostname

    @property
    def port(self) -> int:
        return self._controller.port

    def answer_next(self, verb: str, *replies: str) -> None:
        """Answer the next commands `verb` (MAIL, RCPT or DATA) with `replies`, one each, then behave again.

        A reply is a line such as "451 4.3.0 try later", or HANG_UP, or LOSE_ANSWER.
        """
        self._script[verb].extend(replies)

    def forget(self) -> None:
        """Drop what was received and what was still to be played."""
        self.messages.clear()
        self._script.clear()

    def _next_reply(self, verb: str) -> str:
        replies = self._script[verb]
        return replies.popleft() if replies else ""

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._next_reply("MAIL")
        if not reply:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return _spoken(server, reply or "250 OK")

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self._next_reply("RCPT")
        if not reply:
            envelope.rcpt_tos.append(address)
        return _spoken(server, reply or "250 OK")

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        reply = self._next_reply("DATA")
        if reply in ("", LOSE_ANSWER):
            self.messages.append(_received(envelope))
        return _spoken(server, reply or "250 OK")


def _received(envelope: Envelope) -> ReceivedMail:
    raw = envelope.original_content or b""
    return ReceivedMail(
        sender=envelope.mail_from or "",
        recipients=tuple(envelope.rcpt_tos),
        message=message_from_bytes(raw, policy=policy.default),  # type: ignore[arg-type]
        raw=raw,
    )


def _spoken(server: SMTP, reply: str) -> str:
    if reply in (HANG_UP, LOSE_ANSWER):
        server.transport.abort()
    return reply

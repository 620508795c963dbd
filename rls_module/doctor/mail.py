"""The mail server: whether it can be reached and lets us in. Nothing is sent unless an address was given."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMessage

from rls_module import conf
from rls_module.doctor.finding import Finding, failure, judged, ok
from rls_module.followups import emails


def server(send_test: str | None) -> Iterator[Finding]:
    """Yield backend, sender, timeout, and whether a connection opens; send one test mail where that is wished."""
    connection = emails.mailer()
    backend = f"{type(connection).__module__}.{type(connection).__name__}"
    yield ok("mail.backend", backend)
    sender = conf.get("FROM_EMAIL") or django_settings.DEFAULT_FROM_EMAIL
    yield judged(
        "mail.sender",
        good=emails.is_sendable(parseaddr(sender)[1]),
        message="the sender is an address",
        hint="Set FROM_EMAIL or DEFAULT_FROM_EMAIL.",
    )
    timeout = getattr(connection, "timeout", None)
    if hasattr(connection, "timeout"):
        yield judged(
            "mail.timeout",
            good=timeout is not None,
            message=f"gives up after {timeout} s" if timeout else "waits for ever",
            hint="Set EMAIL_TIMEOUT = 20: a hung server blocks a run.",
        )
    yield from _opens(connection)
    if send_test is not None:
        yield from _sent(send_test, sender, connection)


def _opens(connection: Any) -> Iterator[Finding]:
    try:
        connection.open()
        connection.close()
    except Exception as error:  # noqa: BLE001  its words may hold a password
        yield failure(
            "mail.connection", f"{type(error).__name__} when connecting", "Check address, port, TLS and login."
        )
    else:
        yield ok("mail.connection", "opens and closes")


def _sent(to: str, sender: str, connection: Any) -> Iterator[Finding]:
    if not emails.is_sendable(to):
        yield failure("mail.test", "the address for the test mail is none", "Give one plain address.")
        return
    message = EmailMessage("Test", "This is a test of the mail server.", sender, [to])
    try:
        connection.send_messages([message])
    except Exception as error:  # noqa: BLE001  its words may hold the address
        yield failure("mail.test", f"{type(error).__name__} when sending", "Ask whoever runs the mail server.")
    else:
        yield ok("mail.test", "the mail server took a test mail")

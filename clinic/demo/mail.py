"""The demo's mail server: a backend that keeps every mail for the inbox page and sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from email.header import decode_header, make_header

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from clinic.demo import clock, mailboxes
from clinic.demo.models import DemoMail


class InboxBackend(BaseEmailBackend):
    """Stores each message as it would have gone out; a mail counts as sent when its row is there."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store the messages and return how many were stored; those without a recipient are skipped, as SMTP does.

        Raises SMTPRecipientsRefused for a mailbox that is gone.
        """
        sent_at = clock.now()
        for message in email_messages:
            mailboxes.check(message.recipients())
        rows = [_row(message) for message in email_messages if message.recipients()]
        for row in rows:
            row.sent_at = sent_at
            row.save()
        return len(rows)


def _row(message: EmailMessage) -> DemoMail:
    headers = {name: str(make_header(decode_header(str(value)))) for name, value in message.message().items()}
    return DemoMail(
        to=", ".join(message.recipients()),
        subject=str(message.subject),
        headers=headers,
        text=str(message.body),
        html=_html(message),
    )


def _html(message: EmailMessage) -> str:
    for alternative in getattr(message, "alternatives", ()):
        content, kind = alternative[0], alternative[1]
        if kind == "text/html":
            return str(content)
    return ""

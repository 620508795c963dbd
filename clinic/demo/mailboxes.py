"""Which of the demo's mailboxes take a mail: all but those that are gone."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable

from clinic.demo import people

GONE = frozenset(person.address for place in people.PATIENTS.values() for person in place if person.is_mailbox_gone)


def check(recipients: Iterable[str]) -> None:
    """Raise SMTPRecipientsRefused, as a mail server does, where a recipient's mailbox is gone."""
    refused = {address: (550, b"5.1.1 no such mailbox") for address in recipients if address in GONE}
    if refused:
        raise smtplib.SMTPRecipientsRefused(refused)

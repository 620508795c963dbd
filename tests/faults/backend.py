"""An SMTP backend that kills its own process at a named point, once: so the worst moment is met on purpose.

RLS_FAILPOINT is "before_connect" (claimed, nobody spoken to yet) or "after_250" (accepted, not marked yet). It stands
in the tests: the code that ships has no failpoint.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

POINT = os.environ.get("RLS_FAILPOINT", "")


class Deadly(EmailBackend):
    """Sends as SMTP does, until it dies."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        host, _, port = os.environ["RLS_TEST_SMTP"].partition(":")
        alias = {name: kwargs[name] for name in ("alias",) if name in kwargs}  # Django 6.1 makes it by that name
        super().__init__(host=host, port=int(port), timeout=5, **alias)

    def open(self) -> bool | None:
        if POINT == "before_connect":
            _die()
        return super().open()

    def send_messages(self, messages: Any) -> int:
        sent = super().send_messages(messages)
        if POINT == "after_250":
            _die()
        return sent


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)

"""What the demo's terminal shows of a fault: one line, once. The whole story goes to demo.log beside the data."""

from __future__ import annotations

import logging

QUIET_S = 300


class Once(logging.Filter):
    """Lets a message pass once in five minutes: the engine would repeat a fault every two seconds, for each clinic."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record says something new."""
        said = record.getMessage()
        is_new = record.created - self._said_at.get(said, -QUIET_S) >= QUIET_S
        if is_new:
            self._said_at[said] = record.created
        return is_new


class OneLine(logging.Formatter):
    """The message and the fault's own words, without the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        fault = record.exc_info[1] if record.exc_info else None
        words = f"{record.getMessage()}: {type(fault).__name__}: {fault}" if fault else record.getMessage()
        return " ".join(words.split())

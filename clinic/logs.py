"""One JSON object a line, which no message can break out of, and no line holds the key to a patient's form."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_KEYS = re.compile(
    r"(?<![A-Za-z0-9_-])([A-Za-z0-9_-]{8})[A-Za-z0-9_-]{57}(?![A-Za-z0-9_-])|(?<=[?&]t=)([a-z]{0,2})[^&\s\"]+"
)


def redacted(text: str) -> str:
    """Return the text with eight characters of each token, as the audit names it, and no ticket."""
    return _KEYS.sub(lambda found: f"{found[1] or found[2] or ''}...", text)


class Redaction(logging.Filter):
    """Redacts each line of the logger or handler that it is put on, tracebacks too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place and let it pass."""
        record.msg, record.args = redacted(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
        return True


class JsonLines(logging.Formatter):
    """Time in UTC, level, logger and message; the traceback where there is one. All but printable ASCII is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["traceback"] = redacted(self.formatException(record.exc_info))
        if record.stack_info:
            said["stack"] = self.formatStack(record.stack_info)
        return json.dumps(said, ensure_ascii=True).replace("\x7f", "\\u007f")

"""One JSON object a line: whatever a message holds, it can neither begin a line of its own nor colour a terminal."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


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
            said["traceback"] = self.formatException(record.exc_info)
        if record.stack_info:
            said["stack"] = self.formatStack(record.stack_info)
        return json.dumps(said, ensure_ascii=True).replace("\x7f", "\\u007f")

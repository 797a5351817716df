"""One log line as one JSON object: no query strings, no line breaks, no personal values."""

import json
import logging
import re
from datetime import UTC, datetime

_QUERY = re.compile(r"\?[^\s\"']*")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{4})(?!\d)")
_EXTRAS = ("request_id", "job_id", "status_code")


def without_traces(message: str) -> str:
    """A message without query strings and with the middle of long numbers (phones) hidden."""
    return _LONG_NUMBER.sub(r"\1****\2", _QUERY.sub("", message))


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON line; line breaks are escaped, so no text can forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_traces(record.getMessage()),
        }
        entry |= {name: getattr(record, name) for name in _EXTRAS if hasattr(record, name)}
        if record.exc_info:
            entry["trace"] = without_traces(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str)

"""One log line as one JSON object: no query strings, no line breaks, no personal values."""

import json
import logging
import re
from datetime import UTC, datetime

from crm_site.core import masking

_QUERY = re.compile(r"\?[^\s\"']*")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{4})(?!\d)")
#: what a database tells of the row that it refused, with its values
_ROW = re.compile(r"\b(DETAIL|Failing row contains|CONTEXT)\b.*")
#: values that an exception quotes: invalid literal for int() with base 10: '张三'
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»")
#: the lines of a trace that say where; everything else is somebody's message
_WHERE = re.compile(r"^(\s|Traceback |During handling|The above exception|$)")
#: further signs at which a reader of the log may begin a new line
_BREAKS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
_EXTRAS = ("request_id", "job_id", "status_code")


def without_traces(message: str) -> str:
    """A message without query strings, rows of the database and numbers of persons and cars."""
    return _LONG_NUMBER.sub(r"\1****\2", masking.said(_ROW.sub(r"\1 …", _QUERY.sub("", message))))


def without_values(trace: str) -> str:
    """A traceback with its places whole, and its messages without what they quote."""
    lines = (line if _WHERE.match(line) else _QUOTED.sub("'…'", line) for line in trace.splitlines())
    return without_traces("\n".join(lines))


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
            entry["trace"] = without_values(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str).translate(_BREAKS)

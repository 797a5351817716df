"""One log line as one JSON object: no query strings, no line breaks, no personal values."""

import json
import logging
import re
from datetime import UTC, datetime

from crm_site.core import masking, tracing

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
_EXTRAS = ("status_code", "route", "method", "path", "status", "ms", "user")
#: what Django says of requests that it distrusts, with what they sent in quotes
_DISTRUST = "django.security"


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
        """The line; inside a request it says request_id, inside a job job_id."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_traces(_message(record)),
        }
        entry |= tracing.facts()
        entry |= {name: getattr(record, name) for name in _EXTRAS if getattr(record, name, None) is not None}
        if record.exc_info:
            entry["trace"] = without_values(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str).translate(_BREAKS)


class PlainFormatter(logging.Formatter):
    """Lines for the eyes of whoever runs the demo, with the id that an error page shows."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s%(facts)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        record.facts = "".join(f" {name}={value}" for name, value in tracing.facts().items())
        return super().format(record)


def _message(record: logging.LogRecord) -> str:
    """What the record says; where Django names the address of a request, the page's name stands instead."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if path is not None and isinstance(record.args, tuple) and path in record.args:
        match = getattr(request, "resolver_match", None)
        page = match.view_name if match else "-"
        args = tuple(page if one == path else one for one in record.args)
        return str(record.msg) % args
    said = record.getMessage()
    return _QUOTED.sub("'…'", said) if record.name.startswith(_DISTRUST) else said

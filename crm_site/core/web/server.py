"""gunicorn's own log in the shape of ours: JSON lines, no query strings, the request's id, no line that was forged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from crm_site.core import logging, tracing

#: a request's line and headers may be so long; Django's own bounds follow
LIMITS = ("--limit-request-line", "4094", "--limit-request-fields", "60", "--limit-request-field_size", "8190")


class ServerLog(Logger):
    """`gunicorn --logger-class crm_site.core.web.server.ServerLog`."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does, with our formatter on what it opened."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(logging.JsonFormatter())

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """One line for an answer; an address that is none of ours is not written down, whatever somebody put there."""
        if not self.access_log_enabled:
            return
        status = int(str(resp.status).split(maxsplit=1)[0])
        headers = {name.lower(): value for name, value in resp.headers}
        path = "-" if status == 404 else logging.without_traces(environ.get("PATH_INFO", "-"))
        facts = {
            "method": environ.get("REQUEST_METHOD"),
            "path": path,
            "status": status,
            "ms": round(request_time.total_seconds() * 1000, 1),
        }
        with tracing.request(headers.get("x-request-id", "")):
            self.access_log.info("served", extra=facts)

"""The answer of /healthz: in a word each, whether database, queue, worker and scheduler are there; no secrets."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from redis import Redis, RedisError

from crm_site.core import clock
from crm_site.jobs import pulse

#: seconds that the queue may take to answer
PATIENCE = 0.5


def report() -> dict[str, str]:
    """The state of the installation as plain words; asks the database two small questions and writes nothing.

    `status` is "down" without the database, "degraded" when background work stands still, else "ok". Before the
    first migration worker and scheduler are "unknown".
    """
    found = {"database": database(), "queue": queue(), **_clockworks()}
    if found["database"] == "down":
        return {"status": "down", **found}
    fine = all(word in {"ok", "embedded"} for word in found.values())
    return {"status": "ok" if fine else "degraded", **found}


def database() -> str:
    """Whether the database answers: "ok" or "down"."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return "down"
    return "ok"


def queue() -> str:
    """Whether Redis answers: "ok", "down", or "embedded" where the queue is a folder."""
    if not settings.REDIS_URL:
        return "embedded"
    line = Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    try:
        line.ping()
    except (RedisError, OSError):
        return "down"
    finally:
        line.close()
    return "ok"


def _clockworks() -> dict[str, str]:
    try:
        found = pulse.read(clock.now())
    except (DatabaseError, InterfaceError):
        return {pulse.WORKER: "unknown", pulse.SCHEDULER: "unknown"}
    return {name: "silent" if one.is_silent else "ok" for name, one in found.items()}

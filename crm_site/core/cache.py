"""The cache on Redis: bounded in time, without pickles, and replaced by this process's memory while Redis is away."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import TimeoutError as TookTooLong
from redis.retry import Retry

logger = logging.getLogger(__name__)

#: one question to Redis may take so long; after that nobody asks it for a while
SOCKET_SECONDS, AWAY_SECONDS = 0.5, 5.0
_BYTES = b"\x00"


class PlainSerializer:
    """Whole numbers, bytes and what JSON can hold: whoever gets at Redis makes us run nothing, as pickles would."""

    def dumps(self, value: Any) -> int | bytes:
        """A value as it is kept; raises TypeError for what JSON cannot hold."""
        if type(value) is int:
            return value  # Redis counts it up by itself
        return _BYTES + value if isinstance(value, bytes) else json.dumps(value).encode()

    def loads(self, kept: bytes) -> Any:
        """The value again; tuples come back as lists."""
        return kept[1:] if kept.startswith(_BYTES) else json.loads(kept)


class PatientCache(RedisCache):
    """Django's cache on Redis for which no page ever fails or waits: what it holds can always be made again.

    While Redis cannot be reached, counts and pictures are kept in this process, and Redis is asked anew every few
    seconds. Errors of use (TypeError, ValueError) pass through.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        bounded = {
            "socket_timeout": SOCKET_SECONDS,
            "socket_connect_timeout": SOCKET_SECONDS,
            "retry": Retry(NoBackoff(), 0),
            "serializer": PlainSerializer,
        }
        super().__init__(server, {**params, "OPTIONS": bounded | params.get("OPTIONS", {})})
        self._aside = LocMemCache(f"aside of {server}", {**params, "OPTIONS": {}})
        self._away_until = 0.0

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Do something in Redis, or aside while it is away."""
        if time.monotonic() >= self._away_until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except (ConnectionFailed, TookTooLong, OSError) as problem:
                self._away_until = time.monotonic() + AWAY_SECONDS
                logger.warning(
                    "the cache cannot be reached, this process remembers by itself: %s", type(problem).__name__
                )
        return getattr(self._aside, name)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        """See Django; this and all others."""
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("incr", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete_many", *args, **kwargs)

    def clear(self) -> Any:
        return self._ask("clear")

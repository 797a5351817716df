"""How the queue is reached: asked again every second or two while it is away, and a folder that may vanish under it."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

import kombu
from celery.app.amqp import AMQP
from kombu.exceptions import ChannelError
from kombu.transport import filesystem, redis
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)

#: seconds between two attempts to reach the queue: a worker works again so soon after the queue is back
RETRY = {"interval_start": 1, "interval_step": 1, "interval_max": 2}


class PatientConnection(kombu.Connection):
    """A connection that asks again after 1–2 s; kombu's own pauses grow to half a minute."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> PatientConnection:
        """As in kombu."""
        return super().ensure_connection(*args, **(RETRY | kwargs))


class PatientQueues(AMQP):
    """What Celery's app makes its connections with, those of the worker as well as the scheduler's."""

    Connection = PatientConnection


class RedisChannel(redis.Channel):
    """kombu's channel, which says so when it is used after its connection has been lost.

    A worker that has found its queue again acknowledges what it was given before; kombu would break off with an
    AttributeError there, and the worker would end, where it passes over a connection error.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise ConnectionAbortedError("this connection to the queue was lost")
        return super()._connparams(asynchronous)


class RedisTransport(redis.Transport):
    """kombu's transport through Redis, with channels that may be outlived by what came through them."""

    Channel = RedisChannel


class FolderChannel(filesystem.Channel):
    """kombu's queue in a folder, which makes its folders anew when somebody has removed them.

    A message lies there whole or not at all. kombu writes into the very file that readers look for; a worker that
    takes it meanwhile reads half a message, and ends.
    """

    def _make_folders(self) -> None:
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        name = f"{time.monotonic_ns():020}_{uuid4()}.{queue}.msg"  # readers take the first by name
        try:
            self._lay_down(name, dumps(payload))
        except FileNotFoundError:
            self._make_folders()
            self._lay_down(name, dumps(payload))

    def _lay_down(self, name: str, text: str) -> None:
        """Write beside, under a name that nobody looks for, then give the file its own; raises ChannelError."""
        begun = Path(self.data_folder_out, f"{name}.begun")
        try:
            begun.write_text(text, encoding="utf-8")
            begun.replace(begun.with_suffix(""))
        except FileNotFoundError:
            raise
        except OSError as problem:
            raise ChannelError(f"cannot add {name} to the queue: {problem}") from problem

    def _get(self, queue: str) -> Any:
        try:
            return super()._get(queue)
        except FileNotFoundError:
            self._make_folders()
            raise Empty from None
        except ValueError:  # cut off by a power failure; the sweep asks again for what it was about
            logger.warning("a message of the queue %s could not be read and is left out", queue)
            raise Empty from None

    def _size(self, queue: str) -> int:
        try:
            return super()._size(queue)
        except FileNotFoundError:
            return 0


class FolderTransport(filesystem.Transport):
    """kombu's transport through a folder, with channels that outlive their folder."""

    Channel = FolderChannel

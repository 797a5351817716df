"""Tells the queue to look at a job; what the queue loses, the sweep says again."""

import logging
import time

from celery import current_app
from kombu.exceptions import ChannelError
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LOOK_AT = "crm_site.jobs.tasks.look_at"
#: what a broker out of reach raises
UNREACHABLE = (BrokerDown, ChannelError, RedisError, OSError)


class Pause:
    """Whoever has waited for the queue in vain leaves it alone for a while: who asks for ten jobs waits once."""

    SECONDS = 3.0

    def __init__(self) -> None:
        self._until = float("-inf")

    def is_on(self) -> bool:
        """Whether the queue is left alone."""
        return time.monotonic() < self._until

    def begin(self) -> None:
        """The queue did not answer."""
        self._until = time.monotonic() + self.SECONDS

    def end(self) -> None:
        """Ask again at once."""
        self._until = float("-inf")


#: of this process
pause = Pause()


def publish(job_id: int) -> bool:
    """Send "look at job 17"; False when the broker is out of reach: people go on working, the sweep sends it later."""
    if pause.is_on():
        return False
    try:
        current_app.send_task(LOOK_AT, args=[job_id], retry=False, ignore_result=True)
    except UNREACHABLE as problem:
        pause.begin()
        logger.warning("the queue cannot be reached, job %s waits for the sweep: %s", job_id, type(problem).__name__)
        return False
    return True

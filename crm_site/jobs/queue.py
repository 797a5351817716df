"""Tells the queue to look at a job; what the queue loses, the sweep says again."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LOOK_AT = "crm_site.jobs.tasks.look_at"


def publish(job_id: int) -> bool:
    """Send "look at job 17"; False when the broker is out of reach: people go on working, the sweep sends it later."""
    try:
        current_app.send_task(LOOK_AT, args=[job_id], retry=False, ignore_result=True)
    except (BrokerDown, RedisError, OSError) as problem:
        logger.warning("the queue cannot be reached, job %s waits for the sweep: %s", job_id, type(problem).__name__)
        return False
    return True

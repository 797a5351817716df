"""The ticks that ask for the nightly look over the archive."""

from celery import shared_task

from crm_site.core import clock
from customers import night


@shared_task(name="customers.tasks.enqueue_quality", ignore_result=True)
def enqueue_quality() -> int:
    """Ask for today's look over the archive of every active store; safe at any time, and twice."""
    return night.ask_for_quality(clock.today())

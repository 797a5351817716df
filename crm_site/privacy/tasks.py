"""The ticks that watch over personal data."""

from celery import shared_task

from crm_site.core import clock
from crm_site.privacy import watching


@shared_task(name="crm_site.privacy.tasks.watch_looks", ignore_result=True)
def watch_looks() -> int:
    """Tell of today's unusual looks, once a day by the notice's key; gives how many people it found."""
    return watching.watch(clock.today())

"""The ticks that watch over personal data."""

from celery import shared_task

from crm_site.core import clock
from crm_site.files import actions as files
from crm_site.privacy import expiry, watching
from crm_site.privacy.actions import finding, nightly


@shared_task(name="crm_site.privacy.tasks.watch_looks", ignore_result=True)
def watch_looks() -> int:
    """Tell of today's unusual looks, once a day by the notice's key; gives how many people it found."""
    return watching.watch(clock.today())


@shared_task(name="crm_site.privacy.tasks.enqueue_nights", ignore_result=True)
def enqueue_nights() -> int:
    """Ask for today's round of every store, and remove what is of no store and over; safe at any time, and twice."""
    expiry.over_sessions(clock.now()).delete()
    expiry.over_tries(clock.now()).delete()
    files.sweep(clock.now())
    today = clock.today()
    return len([nightly.request(store, today) for store in expiry.stores()])


@shared_task(name="crm_site.privacy.tasks.enqueue_duplicates", ignore_result=True)
def enqueue_duplicates() -> int:
    """Ask for today's look for duplicate cards in every active store; safe at any time, and twice."""
    return finding.ask_all(clock.today())

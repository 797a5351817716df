"""The daily removal of files whose time is over."""

from celery import shared_task

from crm_site.core import clock
from crm_site.files import actions


@shared_task(name="crm_site.files.tasks.expire", ignore_result=True)
def expire() -> int:
    """Remove what is past its last day; safe to run twice."""
    return actions.expire(today=clock.today(), now=clock.now())

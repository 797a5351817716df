"""The daily forgetting of staged rows, which hold personal values as the file had them."""

from datetime import timedelta

from celery import shared_task

from crm_site.core import clock
from crm_site.files.rules import KEEP_DAYS
from crm_site.imports.actions import batches as actions


@shared_task(name="crm_site.imports.tasks.forget_rows", ignore_result=True)
def forget_rows() -> int:
    """Remove staged rows as old as their file may become; safe to run twice."""
    return actions.forget_rows(before=clock.now() - timedelta(days=KEEP_DAYS))

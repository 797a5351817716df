"""The ticks that ask which stores lack a day's run of the generator, its draw of inspections or its classing."""

from celery import shared_task

from crm_site.accounts.models import Store
from crm_site.core import clock
from revisits import actions, classes
from revisits.actions import inspections


@shared_task(name="revisits.tasks.enqueue_due_days", ignore_result=True)
def enqueue_due_days() -> int:
    """Ask for the missing days of every active store; safe at any time, twice, and from two schedulers."""
    today = clock.today()
    return sum(len(actions.enqueue_missing_days(store, today)) for store in Store.objects.filter(is_active=True))


@shared_task(name="revisits.tasks.enqueue_inspections", ignore_result=True)
def enqueue_inspections() -> int:
    """Ask for today's draw in every active store; safe at any time, twice, and from two schedulers."""
    today = clock.today()
    return len([inspections.request_draw(store, today) for store in Store.objects.filter(is_active=True)])


@shared_task(name="revisits.tasks.enqueue_classes", ignore_result=True)
def enqueue_classes() -> int:
    """Ask for today's classing of the customers of every active store; safe at any time, and twice."""
    return classes.ask_for_classes(clock.today())

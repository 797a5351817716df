"""The Celery application: carries "look at job 17" and ticks the clock; the database remembers everything else."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

app = Celery("huifang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unfit_database(**_kwargs: object) -> None:
    """Start neither worker nor scheduler on a database that the system checks refuse (such as a demo world)."""
    from crm_site.core import startup  # Django is set up only now

    try:
        startup.refuse_unfit_database()
    except ImproperlyConfigured as refused:
        raise SystemExit(str(refused)) from refused  # Celery swallows other exceptions of its signals

"""The Celery application: carries "look at job 17" and ticks the clock; the database remembers everything else."""

import gc
import os

from celery import Celery
from celery.signals import beat_init, worker_init, worker_process_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

app = Celery("huifang", amqp="crm_site.core.broker:PatientQueues")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add("crm_site.jobs.clockwork.WorkerPulse")
app.steps["consumer"].add("crm_site.jobs.worker.SweepOnConnect")


@worker_init.connect
@beat_init.connect
def refuse_unfit_database(**_kwargs: object) -> None:
    """Start neither worker nor scheduler on a database that the system checks refuse (such as a demo world)."""
    from crm_site.core import startup  # Django is set up only now

    try:
        startup.refuse_unfit_database()
    except ImproperlyConfigured as refused:
        raise SystemExit(str(refused)) from refused  # Celery swallows other exceptions of its signals


@worker_init.connect
def load_everything(**_kwargs: object) -> None:
    """Load what jobs need before the worker divides itself: its processes share it, and no first job waits for it."""
    from django.urls import get_resolver

    from crm_site.core import hooks

    hooks.load("IMPORT_LAYOUTS")
    assert get_resolver().url_patterns


@worker_process_init.connect
def collect_garbage_seldom(**_kwargs: object) -> None:
    """Look for cycles of garbage less often: a job holds thousands of rows, and a third of its time went into that.

    The rows that an import has in hand at once are a hundred thousand to two hundred thousand objects; none is a cycle.
    """
    gc.freeze()
    gc.set_threshold(400_000, 20, 100)

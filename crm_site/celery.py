"""The Celery application: carries "look at job 17" and ticks the clock; the database remembers everything else."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

app = Celery("huifang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

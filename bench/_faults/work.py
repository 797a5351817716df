"""Jobs for the measurements of faults: one leaves a mark, the others misbehave."""

from __future__ import annotations

import os
import signal
import time

from django.db import connection, transaction

from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run

BLOCK = 16 * 1024 * 1024


def mark(job: Job, run: Run) -> None:
    """Take a moment, then leave a mark, as every job writes its rows: holding itself until the commit."""
    time.sleep(job.payload.get("seconds", 0.1))
    with transaction.atomic():
        run.hold()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO fault_mark (job) VALUES (%s)", [job.pk])


def die(job: Job, run: Run) -> None:
    """End as a process ends that the kernel kills."""
    os.kill(os.getpid(), signal.SIGKILL)


def hang(job: Job, run: Run) -> None:
    """Never come back."""
    while True:
        time.sleep(3600)


def swell(job: Job, run: Run) -> None:
    """Want ever more memory, and use it."""
    kept = []
    while True:
        kept.append(b"\xff" * BLOCK)
        time.sleep(0.01)


def long(job: Job, run: Run) -> None:
    """Sixty steps of a tenth of a second, each reported; goes on where it was interrupted."""
    for step in range(job.furthest, 60):
        time.sleep(0.1)
        run.progress(step + 1, 60, "all")

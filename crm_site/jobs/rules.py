"""How long a worker may be silent, how often a job is tried, and how long it waits in between."""

import os
from datetime import timedelta

#: A worker silent for so long is taken for dead; with a sweep every 15 s its work goes on within a minute.
LEASE = timedelta(seconds=int(os.environ.get("JOB_LEASE_SECONDS") or 40))
#: Times that a job may begin without coming further than before; then it has failed and a person decides.
MAX_ATTEMPTS = 3
#: A worker writes its progress at most once in so many seconds.
REPORT_EVERY = 1.0
#: Seconds that jobs have to report once more when their worker closes; service managers kill it after 30.
LAST_REPORT = LEASE.total_seconds() / 2
#: Home warns when nothing has ticked for so long.
SILENT_AFTER = timedelta(minutes=2)


def retry_delay(attempts: int) -> timedelta:
    """How long a job that has crashed waits for its next attempt: 10 s after the first, 40 s after the second."""
    return timedelta(seconds=10 * attempts * attempts)


def may_try_again(attempts: int) -> bool:
    """Whether a job that has begun so many times may begin once more."""
    return attempts < MAX_ATTEMPTS


def advanced(done: int, total: int) -> tuple[int, int]:
    """Progress that the ledger accepts: never negative, never more done than there is (0 = not known yet)."""
    total = max(total, 0)
    done = max(done, 0)
    return (min(done, total) if total else done), total

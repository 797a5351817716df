"""What ties a running job to its worker: one that closes asks it to stop, and a job that hangs ends its process."""

from __future__ import annotations

import mmap
import signal

from crm_site.jobs import rules

#: one byte that the worker's own process shares with all that it divides itself into; set when the worker closes
_closing = mmap.mmap(-1, 1)


def close() -> None:
    """The worker is told to end: running jobs stop at their next report and wait for another. For its own process."""
    _closing[0] = 1


class Loose:
    """No tie: the job runs where nobody closes and nothing is killed (commands, tests)."""

    def prolong(self) -> None:
        """The job has just reported."""

    def untie(self) -> None:
        """The job has ended."""

    def is_closing(self) -> bool:
        """Whether the job should stop where it is and leave the rest to another worker."""
        return False


class Tie(Loose):
    """The tie of a job in a worker's process, of which each runs one job at a time.

    A job that reports nothing for twice its lease has long been given to another; whatever it hangs in, the kernel ends
    its process, and the worker starts a fresh one. A thread could not do that while a library holds the interpreter.
    """

    def prolong(self) -> None:
        """Begin to count anew."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 2 * rules.LEASE.total_seconds())

    def untie(self) -> None:
        """Stop counting."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def is_closing(self) -> bool:
        """Whether this worker has been told to end."""
        return bool(_closing[0])

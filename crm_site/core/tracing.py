"""Of which request or job a line of the log speaks: kept beside the code that runs, so that no call need carry it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_REQUEST: ContextVar[str] = ContextVar("request_id", default="")
_JOB: ContextVar[int | None] = ContextVar("job_id", default=None)


@contextmanager
def request(request_id: str) -> Iterator[None]:
    """Everything inside belongs to the request of this id."""
    token = _REQUEST.set(request_id)
    try:
        yield
    finally:
        _REQUEST.reset(token)


@contextmanager
def job(job_id: int) -> Iterator[None]:
    """Everything inside belongs to the job of this key."""
    token = _JOB.set(job_id)
    try:
        yield
    finally:
        _JOB.reset(token)


def facts() -> dict[str, str | int]:
    """What a line of the log adds: request_id inside a request, job_id inside a job."""
    found: dict[str, str | int] = {}
    if _REQUEST.get():
        found["request_id"] = _REQUEST.get()
    if (job_id := _JOB.get()) is not None:
        found["job_id"] = job_id
    return found


def request_id() -> str:
    """The id of the present request; '' outside of one."""
    return _REQUEST.get()

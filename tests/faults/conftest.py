"""One small house for all short forms: every test leaves it running as it found it."""

from collections.abc import Iterator

import pytest

from bench._faults.house import House, house
from tests import environment

#: what a dead worker held is taken over after so many seconds, so that nobody waits for the usual 40
LEASE = {"JOB_LEASE_SECONDS": "3"}


@pytest.fixture(scope="session")
def running() -> Iterator[House]:
    """Web server, worker, PostgreSQL and Redis of its own, and three people at work."""
    if not environment.on_servers():
        pytest.skip("this run has no PostgreSQL and Redis")
    with house(vehicles=400, calls=250, callers=3, **LEASE) as one:
        one.open(pause=0.5)
        yield one


@pytest.fixture
def embedded() -> Iterator[House]:
    """The same on SQLite and the queue in a folder, for one test."""
    with house(vehicles=40, calls=10, callers=1, embedded=True, **LEASE) as one:
        one.open(pause=0.5)
        yield one

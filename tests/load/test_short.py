"""People at work on real processes for a few seconds: whatever they were told is what the database says afterwards.

The long forms with their times are `make bench-load` (T01, T02, T09, T10).
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench import _importing, _shift, _vanishing
from bench._ledger import CALL, SAVED, Ledger
from bench._shift import Archive
from tests import environment
from tests.stack import Stack

pytestmark = pytest.mark.races

SMALL = Archive(cars=600, calls=200, tickets=20, callers=6, due=400)
SECONDS, PAUSE = 6.0, 0.2
LEASE = 3.0


@pytest.fixture
def on_servers() -> Iterator[Stack]:
    """A stack on PostgreSQL and Redis; nothing runs yet."""
    if not environment.on_servers():
        pytest.skip("this run has no PostgreSQL and Redis")
    yield from _stack(embedded=False)


@pytest.fixture
def on_files() -> Iterator[Stack]:
    """A stack on SQLite and the folder broker; nothing runs yet."""
    yield from _stack(embedded=True)


def _stack(*, embedded: bool) -> Iterator[Stack]:
    stack = Stack(embedded=embedded)
    try:
        yield stack
    finally:
        stack.stop()


def at_work(stack: Stack, archive: Archive, beside=None) -> Ledger:
    """Let the people of a filled stack work for some seconds."""
    ledger = Ledger()
    people = _shift.staff(stack, archive, ledger, pause=PAUSE)
    ledger.mark(stack.rows)
    _shift.work(people, SECONDS, _shift.watch(stack), beside)
    return ledger


def test_six_people_at_once_find_everything_that_they_were_told(on_servers):
    _shift.fill(on_servers, SMALL)
    on_servers.start_web()
    ledger = at_work(on_servers, SMALL)
    assert ledger.broken() == []
    assert ledger.differences(on_servers.rows) == []
    assert ledger.count(SAVED, CALL) > 0


def test_on_sqlite_nobody_sees_a_lock_while_a_file_is_imported(on_files):
    archive = replace(SMALL, callers=3)
    _shift.fill(on_files, archive)
    on_files.start_web()
    on_files.start_worker()
    came_in = []
    ledger = at_work(on_files, archive, lambda _over: came_in.append(_importing.bring_beside(on_files, 300)))
    assert came_in == [300]
    assert ledger.broken() == []
    assert ledger.differences(on_files.rows) == []
    assert ledger.count(SAVED, CALL) > 0
    assert not any("database is locked" in on_files.log(name) for name in on_files.processes)


def test_the_calls_of_a_browser_that_vanished_go_to_exactly_one_other(on_servers, repeat):
    archive = replace(SMALL, callers=4, due=repeat, stores=1)
    on_servers.env["CALL_LEASE_SECONDS"] = str(LEASE)
    _shift.fill(on_servers, archive)
    on_servers.start_web()
    ledger = Ledger()
    people = _shift.staff(on_servers, archive, ledger, pause=0)
    ledger.mark(on_servers.rows)
    found = _vanishing.vanish(people, early=1, lease=LEASE)
    assert (len(found.taken), found.too_early, found.once, found.refused) == (repeat, 0, repeat, repeat)
    assert ledger.broken() == []
    assert ledger.differences(on_servers.rows, lease=LEASE) == []

"""Redis lost, away and frozen, PostgreSQL restarted, processes killed: nobody is told what is not so (T38–T43)."""

import pytest

from bench._faults import database, queue, redis, web, worker
from bench._faults.house import dead, frozen, until

pytestmark = [pytest.mark.races, pytest.mark.long]


def test_jobs_outlive_the_loss_of_redis_and_are_done_once(running):
    lost = queue.redis_lost(running, 12, away=1)
    assert (lost.undone, lost.twice) == (0, 0)
    assert lost.seconds <= 300


def test_jobs_outlive_the_removal_of_the_queue_in_a_folder(embedded):
    lost = queue.folder_lost(embedded, 8)
    assert (lost.undone, lost.twice) == (0, 0)
    assert lost.seconds <= 300


@pytest.mark.parametrize("fault", [dead, frozen])
def test_without_redis_people_sign_in_take_calls_and_save_them(running, fault):
    found = redis.away(running, fault(running.redis), 3)
    assert (found.failed, found.differences) == (0, ())
    assert found.saved
    assert found.signed_in
    # an answer may take 2 s on an idle machine (make faults); here the suite's other stages may work beside it
    assert found.slowest.seconds <= 5, found.slowest
    assert found.cache_used_after <= 10


def test_while_postgresql_restarts_people_are_told_and_nobody_gets_in(running):
    trying = database.trying(running)
    found = database.restart(running, trying, load_seconds=1)
    assert found.failed
    assert trying.unavailable
    assert (trying.got_in, trying.bare, found.differences) == ([], [], ())
    assert found.seconds <= 15


def test_who_loses_a_web_process_in_mid_form_is_never_told_what_is_not_so(running):
    found = web.kill_one(running, 12)
    assert (found.unanswered, found.differences) == (0, ())


@pytest.mark.parametrize("kind", ["swell", "hang"])
def test_a_job_that_costs_its_process_fails_after_three_tries_and_others_go_on(running, kind):
    with worker.capped(running):
        ended = worker.bad_job(running, kind)
    assert (ended.state, ended.tries, ended.error) == ("failed", 3, "worker_lost")
    assert ended.seconds <= 60


def test_a_worker_told_to_end_stops_in_mid_job_and_the_next_goes_on(running):
    closed = worker.close(running)
    assert closed.seconds <= 30
    assert (closed.went_on, closed.tries) == (True, 1)


def test_a_worker_told_to_end_does_not_wait_for_a_job_that_hangs(running, monkeypatch):
    running.stack.kill("worker")
    with monkeypatch.context() as patience:
        patience.setitem(running.stack.env, "JOB_LEASE_SECONDS", "12")  # the job would end its own process after 24 s
        running.stack.start_worker(2)
        job = running.ask("hang")
        until(lambda: running.states(job) == {"running"}, stack=running.stack)
        assert worker.end(running) <= 15
    running.stack.start_worker(2)
    until(lambda: running.states(job) == {"failed"}, stack=running.stack)

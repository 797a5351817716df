"""Many workers at once: one gets the job, one runs in a lane, and the ledger adds up."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from crm_site.core import clock
from crm_site.jobs import actions, runner
from crm_site.jobs.models import Job, State

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
WORKERS = 6


@pytest.fixture(autouse=True)
def known(settings):
    settings.JOB_KINDS = {"count": "tests.jobs.work.count"}


def at_once(act, arguments):
    """Call in as many threads as there are arguments; the answers in their order."""

    def alone(argument):
        try:
            return act(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(alone, arguments))


def test_one_message_delivered_many_times_is_worked_once(repeat):
    for turn in range(repeat * 5):
        job = actions.enqueue("count", f"{turn}")
        ends = at_once(runner.run, [job.pk] * WORKERS)
        assert sorted(ends) == ["done"] + ["not ours"] * (WORKERS - 1)


def test_one_request_made_many_times_is_one_job(repeat):
    for turn in range(repeat):
        jobs = at_once(lambda key: actions.enqueue("count", key).pk, [f"same {turn}"] * WORKERS)
        assert len(set(jobs)) == 1


def test_in_a_lane_only_one_is_claimed(repeat):
    for turn in range(repeat * 3):
        jobs = [actions.enqueue("count", f"{turn}:{number}", lane="x").pk for number in range(WORKERS)]
        claimed = [job for job in at_once(lambda pk: actions.claim(pk, now=clock.now()), jobs) if job]
        assert len(claimed) == 1
        assert Job.objects.filter(state=State.RUNNING).count() == 1
        actions.finish(claimed[0], result={}, now=clock.now())
        Job.objects.all().delete()

"""What is lost is given back: messages that were never sent, jobs whose process died, jobs of a worker that closes."""

from datetime import timedelta

import pytest
from billiard.exceptions import WorkerLostError
from django.db import connection
from kombu.exceptions import ChannelError, OperationalError

from crm_site.core import clock
from crm_site.jobs import actions, queue, rules, runner, tasks, worker
from crm_site.jobs.models import Job, State
from crm_site.jobs.tie import Loose
from tests.jobs import work

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]
TASK, OTHER = "0b9d2f4e-1111-4f6b-8d1c-2b6d7c1c0001", "ffffffff-2222-4f6b-8d1c-2b6d7c1c0002"


@pytest.fixture(autouse=True)
def known(settings):
    settings.JOB_KINDS = {kind: f"tests.jobs.work.{kind}" for kind in ("count", "creep", "swell")}
    work.calls.clear()


@pytest.fixture
def asked(monkeypatch):
    """How often the queue was asked, which never answers."""
    asked = []

    def send(*_args, **_options):
        asked.append(1)
        raise asked_for.pop() if asked_for else OperationalError("no answer")

    asked_for = [ChannelError("no folder")]
    monkeypatch.setattr(queue.current_app, "send_task", send)
    return asked


def test_who_asks_for_many_jobs_waits_for_a_silent_queue_once(asked, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            actions.enqueue("count", str(number))
    assert len(asked) == 1
    queue.pause.end()
    assert queue.publish(1) is False
    assert len(asked) == 2


def test_a_job_of_which_the_queue_was_not_told_is_the_next_sweeps(
    asked, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        job = actions.enqueue("count", "1")
    sent = []
    monkeypatch.setattr(queue, "publish", lambda job_id: sent.append(job_id) or True)
    assert actions.sweep(now=clock.now()) == 1
    assert sent == [job.pk]


@pytest.fixture
def shared_connection(monkeypatch):
    """The worker's own process lets go of its connection; here it is the test's."""
    monkeypatch.setattr(connection, "close", lambda: None)


@pytest.mark.usefixtures("shared_connection")
def test_what_a_dead_process_held_may_be_taken_at_once(monkeypatch):
    sent = []
    monkeypatch.setattr(queue, "publish", lambda job_id: sent.append(job_id) or True)
    job, now = actions.enqueue("count", "1"), clock.now()
    actions.claim(job.pk, now=now, task=TASK)
    actions.give_back(job.pk, task=OTHER, now=now)
    assert actions.claim(job.pk, now=now, task=OTHER) is None
    worker.give_back_its_job(tasks.look_at, TASK, WorkerLostError("killed"), [job.pk])
    assert sent == [job.pk]
    assert actions.claim(job.pk, now=clock.now(), task=OTHER).attempts == 2


def test_three_dead_processes_are_a_failure_without_waiting_for_a_lease():
    job = actions.enqueue("count", "1")
    for _ in range(rules.MAX_ATTEMPTS):
        assert actions.claim(job.pk, now=clock.now(), task=TASK)
        actions.give_back(job.pk, task=TASK, now=clock.now())
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "worker_lost")


@pytest.mark.usefixtures("shared_connection")
def test_a_task_that_only_failed_gives_nothing_back():
    job = actions.enqueue("count", "1")
    actions.claim(job.pk, now=clock.now(), task=TASK)
    worker.give_back_its_job(tasks.look_at, TASK, ValueError("no"), [job.pk])
    assert Job.objects.get(pk=job.pk).lease_until > clock.now()


class Closing(Loose):
    """A worker that is told to end once its job has begun."""

    def __init__(self):
        self.begun = False

    def prolong(self):
        self.begun = True

    def is_closing(self):
        return self.begun


def test_a_worker_told_to_end_hands_its_job_over_and_the_attempt_does_not_count():
    job = actions.enqueue("creep", "1")
    assert runner.run(job.pk, tie=Closing()) == "queued"
    job.refresh_from_db()
    assert (job.state, job.attempts, job.holder, job.sent_at) == (State.QUEUED, 0, "", None)
    assert actions.claim(job.pk, now=clock.now() + timedelta(seconds=1)).attempts == 1


def test_want_of_memory_is_a_failure_for_good():
    job = actions.enqueue("swell", "1")
    assert runner.run(job.pk) == "failed"
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == (State.FAILED, "no_memory", 1)

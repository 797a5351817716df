"""The ledger: once for each key, once in a lane, taken over when a worker dies, ended with a code."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs import actions, queue, rules, runner, tasks
from crm_site.jobs.errors import LeaseLost
from crm_site.jobs.models import Beat, Job, State
from crm_site.notices.models import Notice
from tests.jobs import work

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]
KINDS = ("creep", "count", "crash", "refuse", "lose", "ask_to_stop", "tell")


@pytest.fixture(autouse=True)
def known(settings):
    settings.JOB_KINDS = {kind: f"tests.jobs.work.{kind}" for kind in KINDS}
    work.calls.clear()


@pytest.fixture
def sent(monkeypatch):
    """Which jobs the queue was told about."""
    messages: list[int] = []

    def publish(job_id):
        messages.append(job_id)
        return True

    monkeypatch.setattr(queue, "publish", publish)
    return messages


def job_of(kind, key="1", **more):
    return actions.enqueue(kind, key, **more)


def test_the_second_request_finds_the_first(store_a):
    first = job_of("count", store=store_a)
    assert job_of("count", store=store_a) == first
    runner.run(first.pk)
    again = job_of("count", store=store_a)
    assert (again.pk, again.state) == (first.pk, State.DONE)


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError):
        job_of("nonsense")


def test_a_kind_that_only_the_next_version_knows_waits_for_its_worker():
    job = job_of("count")
    Job.objects.filter(pk=job.pk).update(kind="tests.of_tomorrow")
    assert runner.run(job.pk) == "queued"
    job.refresh_from_db()
    assert (job.state, job.error, job.due_at > clock.now()) == (State.QUEUED, "unknown_kind", True)
    Job.objects.filter(pk=job.pk).update(kind="count", due_at=clock.now())  # the worker of that version
    assert runner.run(job.pk) == "done"


def test_the_message_is_sent_after_the_commit_only(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = job_of("count")
        assert sent == []
    assert sent == [job.pk]


def test_a_broker_that_is_gone_stops_nobody(monkeypatch, django_capture_on_commit_callbacks):
    def gone(*_args, **_options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(queue.current_app, "send_task", gone)
    with django_capture_on_commit_callbacks(execute=True):
        job = job_of("count")
    assert Job.objects.get(pk=job.pk).state == State.QUEUED


def test_a_second_delivery_finds_nothing_to_do():
    job = job_of("count")
    assert [tasks.look_at(job.pk) for _ in range(3)] == ["done", "not ours", "not ours"]
    assert work.calls == [job.pk]


def test_a_job_waits_for_its_time():
    job = job_of("count", due_at=clock.now() + timedelta(hours=1))
    assert runner.run(job.pk) == "not ours"


def test_of_one_lane_one_runs_at_a_time_and_then_calls_the_next(sent):
    first, second = job_of("count", "1", lane="x"), job_of("count", "2", lane="x")
    taken = actions.claim(first.pk, now=clock.now())
    assert actions.claim(second.pk, now=clock.now()) is None
    actions.finish(taken, result={}, now=clock.now())
    actions.release_lane(taken)
    assert sent == [second.pk]
    assert actions.claim(second.pk, now=clock.now())


def test_the_database_itself_refuses_two_in_a_lane():
    job_of("count", "1", lane="x"), job_of("count", "2", lane="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(state=State.RUNNING, lease_until=clock.now())


def test_a_crash_is_tried_three_times_and_then_told(admin_a):
    job = job_of("crash", by=admin_a.employee, store=admin_a.store)
    ends = []
    for _ in range(rules.MAX_ATTEMPTS):
        ends.append(runner.run(job.pk))
        Job.objects.filter(pk=job.pk).update(due_at=clock.now())
    job.refresh_from_db()
    assert (ends, job.state, job.error) == (["queued", "queued", "failed"], State.FAILED, "crashed")
    assert Notice.objects.get(user=admin_a.user).code == "job.failed"


def test_who_comes_further_each_time_is_never_given_up():
    job = job_of("creep")
    for step in range(rules.MAX_ATTEMPTS + 2):
        assert runner.run(job.pk) == "queued", step
        Job.objects.filter(pk=job.pk).update(due_at=clock.now())
    Job.objects.filter(pk=job.pk).update(furthest=1_000)
    ends = []
    for _ in range(rules.MAX_ATTEMPTS - 1):
        ends.append(runner.run(job.pk))
        Job.objects.filter(pk=job.pk).update(due_at=clock.now())
    assert ends[-1] == "failed"


def test_a_failure_for_good_is_not_tried_again():
    job = job_of("refuse")
    assert runner.run(job.pk) == "failed"
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == (State.FAILED, "unreadable", 1)


def test_a_failed_job_begins_anew_when_a_person_asks_but_not_by_the_clock(admin_a):
    job = job_of("refuse")
    runner.run(job.pk)
    assert job_of("refuse").state == State.FAILED
    again = job_of("refuse", by=admin_a.employee)
    assert (again.state, again.requested_by) == (State.QUEUED, admin_a.employee)


def test_of_two_who_ask_again_at_once_the_second_disturbs_nobody(admin_a, monkeypatch):
    job = job_of("refuse")
    runner.run(job.pk)
    as_it_was = Job.objects.get(pk=job.pk)
    job_of("refuse", by=admin_a.employee)
    assert actions.claim(job.pk, now=clock.now())
    monkeypatch.setattr(Job.objects, "get_or_create", lambda **_asked: (as_it_was, False))
    found = job_of("refuse", by=admin_a.employee)
    assert (found.state, found.holder != "") == (State.RUNNING, True)
    assert Job.objects.get(pk=job.pk).state == State.RUNNING


def test_a_lapsed_lease_is_taken_over_and_the_first_worker_writes_nothing():
    job = job_of("count")
    now = clock.now()
    first = actions.claim(job.pk, now=now)
    assert actions.claim(job.pk, now=now) is None
    second = actions.claim(job.pk, now=now + rules.LEASE + timedelta(seconds=1))
    assert second is not None
    for late in (actions.hold, lambda held, now: actions.finish(held, result={}, now=now)):
        with pytest.raises(LeaseLost), transaction.atomic():
            late(first, now=now)
    actions.finish(second, result={}, now=now)
    assert Job.objects.get(pk=job.pk).state == State.DONE


def test_who_has_lost_the_lease_stops_at_the_next_hold():
    job = job_of("lose")
    assert runner.run(job.pk) == "not ours"
    assert work.calls == []


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_report(admin_a):
    waiting = job_of("count")
    assert actions.cancel(waiting.pk, by=admin_a.employee).state == State.CANCELLED
    running = job_of("ask_to_stop")
    assert runner.run(running.pk) == "cancelled"
    assert work.calls == []
    with pytest.raises(RuleBroken):
        actions.cancel(running.pk, by=admin_a.employee)


def test_the_sweep_sends_again_what_was_lost_once(sent):
    job = job_of("count")
    later = clock.now() + rules.LEASE
    assert actions.sweep(now=later) == 1
    assert actions.sweep(now=later) == 0
    assert sent == [job.pk]
    assert Beat.objects.get(name="sweep").at == later


def test_the_sweep_ends_what_three_workers_died_of(sent, admin_a):
    job = job_of("count", by=admin_a.employee)
    now = clock.now()
    for _ in range(rules.MAX_ATTEMPTS):
        now += rules.LEASE + timedelta(seconds=1)
        assert actions.claim(job.pk, now=now)
    actions.sweep(now=now + rules.LEASE + timedelta(seconds=1))
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "worker_lost")
    assert sent == []


def test_the_end_is_told_to_who_asked(admin_a):
    runner.run(job_of("tell", by=admin_a.employee).pk)
    notice = Notice.objects.get(user=admin_a.user)
    assert (notice.code, notice.params, notice.kind) == ("revisits.generated", {"count": 3}, "ok")


@pytest.mark.parametrize(
    ("given", "kept"), [((5, 10), (5, 10)), ((11, 10), (10, 10)), ((7, 0), (7, 0)), ((-1, -1), (0, 0))]
)
def test_progress_never_exceeds_its_total(given, kept):
    assert rules.advanced(*given) == kept

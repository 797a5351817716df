"""Asking for runs: once a store and day, whoever asks; missed days are made up; a run begun again ends once."""

from datetime import date, timedelta

import pytest

from crm_site.jobs.models import Job
from revisits import actions, tasks, work
from revisits.generator import plans
from revisits.models import GenerationRun, Revisit
from tests.factories import DAY, CustomerFactory, DeliveryFactory, PhoneFactory, VehicleFactory

pytestmark = pytest.mark.django_db

KIND = "revisits.generate"


def keys(store) -> list[str]:
    return sorted(Job.objects.filter(kind=KIND, store=store).values_list("key", flat=True))


def test_a_new_store_begins_today(store_a):
    actions.enqueue_missing_days(store_a, DAY)
    assert keys(store_a) == [f"{store_a.pk}:{DAY}"]


def test_two_schedulers_for_a_day_ask_once_a_store_and_day(store_a, store_b):
    for _minute in range(24 * 2):
        for _beat in range(2):
            for store in (store_a, store_b):
                actions.enqueue_missing_days(store, DAY)
    assert Job.objects.filter(kind=KIND).count() == 2


def test_days_that_the_scheduler_slept_through_are_made_up_over_a_month_end(store_a):
    last = date(2026, 8, 29)
    actions.enqueue_missing_days(store_a, last)
    actions.enqueue_missing_days(store_a, date(2026, 9, 2))
    wanted = [last, *(date(2026, 8, 30) + timedelta(days=n) for n in range(4))]
    assert keys(store_a) == [f"{store_a.pk}:{day}" for day in wanted]


def test_at_most_45_days_are_made_up(store_a):
    GenerationRun.objects.create(store=store_a, day=DAY - timedelta(days=200), started_at="2026-01-01T00:00Z")
    actions.enqueue_missing_days(store_a, DAY)
    assert len(keys(store_a)) == 46


def test_the_tick_asks_for_active_stores_only(store_a, store_b):
    type(store_b).objects.filter(pk=store_b.pk).update(is_active=False)
    assert tasks.enqueue_due_days() == 1
    assert tasks.enqueue_due_days() == 0
    assert keys(store_b) == []


def _fact(store, on):
    customer = CustomerFactory(store=store)
    PhoneFactory(customer=customer)
    return DeliveryFactory(vehicle=VehicleFactory(store=store), customer=customer, delivered_on=on)


def test_a_downtime_over_a_month_end_loses_no_call_and_makes_none_twice(store_a, monkeypatch):
    """Asleep from 29 August to 2 September: deliveries due in between are called, late ones with the mark."""
    due_days = [date(2026, 8, 29) + timedelta(days=n) for n in range(5)]
    facts = [_fact(store_a, day - timedelta(days=3)) for day in due_days]
    today = date(2026, 9, 4)
    monkeypatch.setattr(work.clock, "today", lambda: today)
    actions.enqueue_missing_days(store_a, date(2026, 8, 28))
    jobs = [job for day in (today, today) for job in actions.enqueue_missing_days(store_a, day)]
    for job in jobs:
        work.generate(job, Silent())
    tasks_made = {task.delivery_id: task for task in Revisit.objects.filter(rule__code="DLV_D3")}
    assert set(tasks_made) == {fact.pk for fact in facts}
    assert len(jobs) == 7
    assert [tasks_made[fact.pk].late for fact in facts] == [True, True, True, False, False]


class Silent:
    """A ledger that nobody reads."""

    def progress(self, done, total, stage=""):
        """Nothing."""

    def hold(self):
        """Nothing."""


class Dies(Silent):
    """A worker that is killed after some transactions."""

    def __init__(self, after: int) -> None:
        self.left = after

    def hold(self):
        """The next transaction is never begun."""
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", range(1, 5))
def test_a_run_that_was_killed_goes_on_where_it_stopped(store_a, monkeypatch, after):
    monkeypatch.setattr(plans, "BATCH", 2)
    facts = [_fact(store_a, DAY - timedelta(days=3)) for _ in range(7)]
    job = Job.objects.create(
        store=store_a, kind=KIND, key="x", payload={"store": store_a.pk, "day": DAY.isoformat()},
        created_at="2026-09-16T00:00Z", due_at="2026-09-16T00:00Z",
    )  # fmt: skip
    monkeypatch.setattr(work.clock, "today", lambda: DAY)
    with pytest.raises(KeyboardInterrupt):
        work.generate(job, Dies(after))
    result = work.generate(job, Silent())
    assert Revisit.objects.count() == len(facts)
    assert GenerationRun.objects.count() == 1
    assert result["made"] == len(facts)

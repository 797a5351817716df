"""Several at once, with real transactions: a call goes to one person, and five generators make one list."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from crm_site.accounts.models import Role
from crm_site.core.errors import RuleBroken
from customers.models import Customer
from revisits import actions
from revisits.generator import generate
from revisits.models import CallAttempt, Revisit, RevisitOrder, Skip
from tests.cast import make_person
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    StoreFactory,
    VehicleFactory,
)
from tests.revisits.calls import call, service_task
from tests.revisits.conftest import make_task
from tests.revisits.test_call_page import Desk

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(jobs):
    """Run functions in threads that begin together; their results, in order."""
    barrier = threading.Barrier(len(jobs))

    def begin(job):
        barrier.wait()
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(begin, job) for job in jobs]]


def _empty_the_pool(callers: int, calls: int) -> None:
    store = StoreFactory()
    people = [make_person(store, Role.SPECIALIST, f"专员{number}") for number in range(callers)]
    for _ in range(calls):
        make_task(store)

    def press_next_until_empty(employee):
        taken = []
        while task := actions.claim_next(employee, Role.SPECIALIST, now=NOON, today=DAY):
            taken.append(task.pk)
        return taken

    found = at_once([lambda employee=person.employee: press_next_until_empty(employee) for person in people])
    handed_out = Counter(pk for taken in found for pk in taken)
    assert len(handed_out) == calls
    assert set(handed_out.values()) == {1}


@pytest.mark.races
@pytest.mark.usefixtures("reference")
def test_twenty_people_who_press_next_get_each_call_once():
    _empty_the_pool(callers=20, calls=100)


@pytest.mark.smoke
@pytest.mark.usefixtures("reference")
def test_five_people_who_press_next_get_each_call_once():
    _empty_the_pool(callers=5, calls=20)


@pytest.mark.races
@pytest.mark.smoke
@pytest.mark.usefixtures("reference")
def test_a_call_whose_holder_vanished_goes_to_exactly_one_other(repeat, monkeypatch):
    monkeypatch.setattr("revisits.actions.tasks.LEASE", timedelta(seconds=10))
    store = StoreFactory()
    people = [make_person(store, Role.SPECIALIST, f"专员{number}") for number in range(4)]
    later = NOON + timedelta(seconds=11)
    for _ in range(repeat):
        task = make_task(store)
        actions.claim_next(people[0].employee, Role.SPECIALIST, now=NOON, today=DAY)
        claims = [
            lambda one=person.employee: actions.claim_next(one, Role.SPECIALIST, now=later, today=DAY)
            for person in people[1:]
        ]
        assert [taken for taken in at_once(claims) if taken] == [task]
        with pytest.raises(RuleBroken) as late:
            actions.save_call(task.pk, by=people[0].employee, call=call("NO_ANSWER"), now=later)
        assert late.value.code == "held"  # the page keeps what was typed: test_call_drafts
        Revisit.objects.filter(pk=task.pk).update(state="done", ended_at=NOON)


@pytest.mark.races
@pytest.mark.smoke
@pytest.mark.usefixtures("reference")
def test_five_generators_at_once_make_one_list():
    store = StoreFactory()
    car = VehicleFactory(store=store)
    for number in range(60):
        customer = CustomerFactory(store=store)
        PhoneFactory(customer=customer)
        DeliveryFactory(vehicle=VehicleFactory(store=store), customer=customer, historical=number % 10 == 0)
        RepairOrderFactory(vehicle=car if number < 3 else VehicleFactory(store=store), customer=customer)
    runs = at_once([lambda: generate(store.pk, DAY)] * 5)
    assert Revisit.objects.filter(rule__code="DLV_D3").count() == 54
    assert Revisit.objects.filter(rule__code="SVC_D3").count() == 58
    assert RevisitOrder.objects.count() == 2
    assert Skip.objects.filter(rule__code="DLV_D3").count() == 6
    assert sum(run.made for run in runs) == Revisit.objects.count()
    assert sum(run.skipped for run in runs) == Skip.objects.count()


@pytest.mark.races
def test_callers_at_once_do_not_break_the_caps_of_a_number_together(reference, repeat):
    for _ in range(repeat):
        store = StoreFactory()
        people = [make_person(store, Role.SPECIALIST, f"专员{number}") for number in range(5)]
        phone = PhoneFactory(customer=CustomerFactory(store=store))
        for _ in range(5):
            make_task(store, customer=phone.customer, phone=phone, expires_on=DAY + timedelta(days=9))

        def press_next(employee):
            return actions.claim_next(employee, Role.SPECIALIST, now=NOON, today=DAY)

        taken = at_once([lambda employee=person.employee: press_next(employee) for person in people])
        assert len([task for task in taken if task]) == 2
        assert Revisit.objects.filter(store=store, not_before__gt=NOON).count() == 3


@pytest.mark.races
@pytest.mark.usefixtures("reference")
def test_a_save_that_waits_crosswise_for_somebody_elses_work_is_kept(store_a, specialist_a, as_):
    desk = Desk(service_task(store_a), specialist_a, as_(specialist_a))

    def save():
        look_for_deadlocks_after("3s")  # long after the other has begun to wait: the one who looks is ended
        return desk.save()

    def change_the_card_and_then_the_call():
        with transaction.atomic():
            look_for_deadlocks_after("1min")
            Customer.objects.select_for_update().get(pk=desk.task.customer_id)
            wait_until_somebody_waits()
            Revisit.objects.select_for_update().get(pk=desk.task.pk)

    answer, _ = at_once([save, change_the_card_and_then_the_call])
    assert answer.status_code == 302
    assert CallAttempt.objects.get().response is not None


def look_for_deadlocks_after(patience: str) -> None:
    """How long a statement of this connection waits before it looks whether the wait could ever end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('deadlock_timeout', %s, false)", [patience])


def wait_until_somebody_waits() -> None:
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits for the card")

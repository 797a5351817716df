"""A time that the customer named is kept, however far it lies beyond the call's own window."""

from datetime import timedelta

import pytest

from crm_site.core import clock
from revisits import actions
from revisits.generator import generate
from revisits.models import Joined, Revisit, RuleVersion, State
from revisits.queries.lists import on_list
from revisits.rules.due import GRACE_DAYS
from tests.factories import DAY, CustomerFactory, PhoneFactory, VehicleFactory, VehicleRoleFactory
from tests.revisits.calls import delivery_task, save

pytestmark = pytest.mark.django_db

AGREED_ON = DAY + timedelta(days=24)
AGREED = clock.at(AGREED_ON, 10)


def days(count: int) -> timedelta:
    return timedelta(days=count)


@pytest.fixture
def promised(store_a, specialist_a) -> Revisit:
    """A call whose window ends three days after DAY and that the customer wants three weeks later."""
    task = delivery_task(store_a)
    save(task, specialist_a, "RESCHED", agreed_at=AGREED)
    assert task.expires_on < AGREED_ON - days(GRACE_DAYS)
    return task


@pytest.fixture
def reminder(store_a, specialist_a) -> Revisit:
    """A reminder that is promised for the day after the date it reminds of."""
    RuleVersion.objects.exclude(rule__code="INS_30").update(is_on=False)
    owner = CustomerFactory(store=store_a, marketing_consent=True)
    PhoneFactory(customer=owner)
    car = VehicleFactory(store=store_a, insurance_until=DAY + days(30), created_at=clock.at(DAY - days(900), 9))
    VehicleRoleFactory(vehicle=car, customer=owner)
    generate(store_a.pk, DAY)
    task = Revisit.objects.get()
    save(task, specialist_a, "RESCHED", agreed_at=clock.at(task.expires_on + days(1), 10))
    return task


def take(person, now):
    return actions.claim_next(person.employee, "specialist", now=now, today=clock.business_day(now))


def is_listed(task: Revisit, day) -> bool:
    return on_list(Revisit.objects.filter(pk=task.pk), day).exists()


def test_a_promise_long_after_the_window_is_listed_and_given_at_its_time(store_a, specialist_a, promised):
    generate(store_a.pk, AGREED_ON)
    assert not is_listed(promised, AGREED_ON - days(1))
    assert take(specialist_a, AGREED - timedelta(minutes=1)) is None
    assert is_listed(promised, AGREED_ON)
    assert take(specialist_a, AGREED) == promised


def test_it_returns_to_the_pool_after_two_hours(promised, specialist_a2):
    assert take(specialist_a2, AGREED + timedelta(hours=1)) is None
    assert take(specialist_a2, AGREED + timedelta(hours=2, minutes=1)) == promised


@pytest.mark.parametrize("kind", ["promised", "reminder"])
def test_a_promise_that_nobody_kept_is_waited_for_as_long_as_any_other_call(store_a, specialist_a, kind, request):
    task = request.getfixturevalue(kind)
    last = clock.business_day(task.promised_at) + days(GRACE_DAYS)
    generate(store_a.pk, last)
    task.refresh_from_db()
    assert (task.state, is_listed(task, last)) == (State.IN_PROGRESS, True)
    assert not is_listed(task, last + days(1))
    generate(store_a.pk, last + days(1))
    task.refresh_from_db()
    assert (task.state, task.reason) == (State.FAILED, "expired")


def test_what_is_talked_about_in_the_same_call_waits_with_it(store_a, promised):
    along = delivery_task(store_a)
    Revisit.objects.filter(pk=along.pk).update(head=promised, joined_as=Joined.PURPOSE)
    generate(store_a.pk, AGREED_ON)
    along.refresh_from_db()
    assert (along.state, along.head) == (State.DUE, promised)

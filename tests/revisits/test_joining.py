"""Calls made together: reminders to one phone, the cars of a fleet, and what becomes of each of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_site.accounts.models import Role
from customers.models import Booking, CustomerType
from revisits import actions
from revisits.generator import generate
from revisits.models import AttemptPurpose, Joined, Revisit, RuleVersion, State
from revisits.queries import coverage
from revisits.rules.codes import Reason
from revisits.said import Purpose
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.revisits.calls import save

pytestmark = pytest.mark.django_db

LONG_AGO = NOON - timedelta(days=900)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def owner(store, **values):
    return PhoneFactory(customer=CustomerFactory(store=store, marketing_consent=True, **values)).customer


def car(customer, **dates):
    """A car of a customer that has been in the archive for long."""
    vehicle = VehicleFactory(store=customer.store, created_at=LONG_AGO, **dates)
    VehicleRoleFactory(vehicle=vehicle, customer=customer)
    return vehicle


def made(code: str) -> Revisit:
    return Revisit.objects.get(rule__code=code)


def take(person):
    return actions.claim_next(person.employee, Role.SPECIALIST, now=NOON, today=DAY)


# ---- reminders to one phone ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [0, 1, 10])
def test_reminders_to_one_phone_due_within_ten_days_are_one_call(store_a, later):
    one = owner(store_a)
    car(one, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(30 + later))
    generate(store_a.pk, DAY)
    tasks = {task.rule.code: task for task in Revisit.objects.select_related("rule")}
    assert set(tasks) == {"MT_REMIND", "INS_30"}
    head, along = tasks["MT_REMIND"], tasks["INS_30"]
    if later == 0:
        head, along = sorted(tasks.values(), key=lambda task: task.head_id is not None)
    assert (head.head, along.head, along.joined_as) == (None, head, Joined.PURPOSE)
    assert along.state == State.DUE
    assert 0 <= (tasks["INS_30"].due_on - DAY).days <= later


def test_a_reminder_due_later_than_that_waits_for_its_day(store_a):
    car(owner(store_a), next_maintenance_on=DAY + days(10), insurance_until=DAY + days(42))
    generate(store_a.pk, DAY)
    assert list(Revisit.objects.values_list("rule__code", flat=True)) == ["MT_REMIND"]


def test_a_reminder_made_early_keeps_its_own_day_and_is_not_made_again(store_a):
    car(owner(store_a), next_maintenance_on=DAY + days(10), insurance_until=DAY + days(36))
    for ahead in range(9):
        generate(store_a.pk, DAY + days(ahead))
    assert Revisit.objects.count() == 2
    assert made("INS_30").due_on > DAY


def test_the_cars_of_one_owner_are_reminded_of_in_one_call(store_a):
    one = owner(store_a)
    for ahead in (10, 12, 14):
        car(one, next_maintenance_on=DAY + days(ahead))
    generate(store_a.pk, DAY)
    assert Revisit.objects.filter(head=None).count() == 1
    assert Revisit.objects.filter(joined_as=Joined.PURPOSE).count() == 2


def test_a_reminder_joins_the_one_that_waits_already(store_a):
    one = owner(store_a)
    car(one, next_maintenance_on=DAY + days(10))
    generate(store_a.pk, DAY)
    car(one, next_maintenance_on=DAY + days(14))
    generate(store_a.pk, DAY + days(4))
    head, along = Revisit.objects.order_by("pk")
    assert along.head == head


def test_other_numbers_other_roles_and_satisfaction_calls_stay_apart(store_a):
    RuleVersion.objects.filter(rule__code="INS_30").update(owner_role=Role.FRONTLINE)
    one = owner(store_a)
    vehicle = car(one, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(30))
    DeliveryFactory(vehicle=vehicle, customer=one, delivered_on=DAY - days(3))
    car(owner(store_a), next_maintenance_on=DAY + days(10))
    generate(store_a.pk, DAY)
    assert Revisit.objects.count() == 4
    assert not Revisit.objects.filter(head__isnull=False).exists()


def test_reminders_that_would_only_go_along_with_each_other_wait_for_their_day(store_a):
    RuleVersion.objects.filter(rule__code="INS_30").update(owner_role=Role.FRONTLINE)
    one = owner(store_a)
    car(one, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(33))
    car(one, insurance_until=DAY + days(36))
    generate(store_a.pk, DAY)
    assert list(Revisit.objects.values_list("rule__code", flat=True)) == ["MT_REMIND"]


def test_who_refuses_marketing_is_reminded_without_it(store_a):
    one = owner(store_a)
    type(one).objects.filter(pk=one.pk).update(marketing_consent=False)
    car(one, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(33))
    generate(store_a.pk, DAY)
    assert list(Revisit.objects.values_list("rule__code", flat=True)) == ["MT_REMIND"]


def test_only_the_head_is_handed_out(store_a, specialist_a):
    car(owner(store_a), next_maintenance_on=DAY + days(10), insurance_until=DAY + days(30))
    generate(store_a.pk, DAY)
    assert take(specialist_a).head is None
    assert take(specialist_a) is None


@pytest.mark.parametrize("count", [3, 30])
def test_the_queries_of_a_run_do_not_grow_with_the_reminders(store_a, count):
    found = []
    for _ in range(3):  # the first run of a store asks less: it finds nothing open to bring up to date
        for _ in range(count):
            car(owner(store_a), next_maintenance_on=DAY + days(10), insurance_until=DAY + days(33))
        with CaptureQueriesContext(connection) as captured:
            generate(store_a.pk, DAY)
        found.append(len(captured))
    assert abs(found[1] - found[2]) <= 3


# ---- what becomes of each purpose ------------------------------------------------------------------------------------


@pytest.fixture
def pair(store_a, specialist_a):
    """A maintenance reminder that is taken, and the renewal that goes along with it three days early."""
    car(owner(store_a), next_maintenance_on=DAY + days(10), insurance_until=DAY + days(33))
    generate(store_a.pk, DAY)
    assert take(specialist_a).rule.code == "MT_REMIND"
    return made("MT_REMIND"), made("INS_30")


def _save(pair, person, result="SUCCESS", **said):
    head, along = pair
    save(head, person, result, answers=(), **said)
    along.refresh_from_db()
    return head, along


def test_a_purpose_ends_as_the_call_does(pair, specialist_a):
    head, along = _save(pair, specialist_a)
    assert (head.state, along.state, along.first_attempt_on) == (State.DONE, State.DONE, DAY)
    assert AttemptPurpose.objects.get().result.code == "SUCCESS"


def test_each_purpose_has_its_own_result(pair, specialist_a):
    head, along = _save(pair, specialist_a, purposes={pair[1].pk: Purpose.REFUSED})
    assert (head.state, along.state, along.reason) == (State.DONE, State.FAILED, Reason.REFUSED)
    assert AttemptPurpose.objects.get().result.code == "REFUSED"


def test_what_was_not_talked_about_is_a_call_of_its_own_again(pair, specialist_a):
    _, along = _save(pair, specialist_a, purposes={pair[1].pk: Purpose.SILENT})
    assert (along.state, along.head, along.joined_as, along.first_attempt_on) == (State.DUE, None, "", None)
    assert not AttemptPurpose.objects.exists()


def test_what_was_not_reached_waits_along_and_is_counted_as_tried(pair, specialist_a):
    head, along = _save(pair, specialist_a, "NO_ANSWER")
    assert (head.state, along.state, along.head) == (State.IN_PROGRESS, State.IN_PROGRESS, head)
    assert (along.first_attempt_on, along.tries_made) == (DAY, 1)


def test_a_call_that_fails_leaves_the_others_to_stand_alone(pair, specialist_a):
    Revisit.objects.filter(pk=pair[0].pk).update(tries_made=1)
    RuleVersion.objects.filter(rule__code="INS_30").update(tries=3)
    head, along = _save(pair, specialist_a, "NO_ANSWER")
    assert head.state == State.FAILED
    assert (along.state, along.head, along.joined_as) == (State.IN_PROGRESS, None, "")
    assert along.not_before > NOON


def test_a_call_that_ends_by_a_stop_fact_leaves_the_others_to_stand_alone(store_a):
    one = owner(store_a)
    vehicle = car(one, next_maintenance_on=DAY + days(10))
    for ahead in (33, 35):
        car(one, insurance_until=DAY + days(ahead))
    generate(store_a.pk, DAY)
    Booking.objects.create(
        store=store_a, vehicle=vehicle, customer=one, wanted_on=DAY + days(3), created_at=NOON,
        submission="00000000-0000-0000-0000-000000000001",
    )  # fmt: skip
    generate(store_a.pk, DAY + days(1))
    assert made("MT_REMIND").state == State.CANCELLED
    first, second = Revisit.objects.filter(rule__code="INS_30").order_by("due_on", "pk")
    assert (first.head, first.joined_as, second.head, second.joined_as) == (None, "", first, Joined.PURPOSE)


# ---- fleets ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fleet(store_a):
    return owner(store_a, customer_type=CustomerType.ORG, name="渝通出租汽车有限公司")


def _delivered(customer, ago: int):
    return DeliveryFactory(vehicle=car(customer), customer=customer, delivered_on=DAY - days(ago))


def test_one_call_covers_the_cars_that_a_fleet_took_over_in_a_week(store_a, fleet, specialist_a):
    facts = [_delivered(fleet, ago) for ago in (3, 3, 2, 0)]
    generate(store_a.pk, DAY)
    tasks = {task.delivery_id: task for task in Revisit.objects.filter(rule__code="DLV_D3")}
    head = tasks[facts[0].pk]
    assert head.head is None
    assert all(tasks[fact.pk].head == head for fact in facts[1:])
    assert {task.joined_as for task in tasks.values()} == {"", Joined.FLEET}
    assert tasks[facts[3].pk].due_on > DAY


def test_each_car_of_a_fleet_counts_as_covered(store_a, fleet, specialist_a):
    for ago in (3, 3, 2):
        _delivered(fleet, ago)
    generate(store_a.pk, DAY)
    head = take(specialist_a)
    save(head, specialist_a, "REFUSED")
    assert set(Revisit.objects.values_list("state", "reason")) == {(State.FAILED, Reason.REFUSED)}
    found = coverage.coverage(coverage.SALES, [store_a.pk], DAY - days(3), DAY, today=DAY)
    assert (found.total, found.parts["failed"], found.adds_up) == (3, 3, True)


def test_the_next_week_of_a_fleet_has_a_call_of_its_own(store_a, fleet):
    _delivered(fleet, 3)
    generate(store_a.pk, DAY)
    DeliveryFactory(vehicle=car(fleet), customer=fleet, delivered_on=DAY + days(7))
    # the autumn holiday closes the desk for three days, so the call may be levelled to the second day after it
    generate(store_a.pk, DAY + days(14))
    assert Revisit.objects.filter(rule__code="DLV_D3", head=None).count() == 2


def test_a_private_customer_is_called_for_each_car(store_a):
    one = owner(store_a)
    for _ in range(2):
        _delivered(one, 3)
    generate(store_a.pk, DAY)
    assert Revisit.objects.filter(rule__code="DLV_D3", head=None).count() == 2


def test_the_repairs_of_a_fleet_within_a_week_are_one_call(store_a, fleet):
    for ago in (3, 3, 1):
        on = DAY - days(ago)
        RepairOrderFactory(vehicle=car(fleet), customer=fleet, checked_in_on=on, handed_back_on=on, recorded_on=on)
    generate(store_a.pk, DAY)
    assert Revisit.objects.filter(rule__code="SVC_D3", head=None).count() == 1
    assert Revisit.objects.filter(rule__code="SVC_D3", joined_as=Joined.FLEET).count() == 2


def test_runs_of_several_days_in_any_order_make_the_same_calls(store_a, fleet):
    for ago in (5, 4, 3, 1):
        _delivered(fleet, ago)
    one = owner(store_a)
    car(one, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(33))
    for back in (0, 2, 1):
        generate(store_a.pk, DAY - days(back), today=DAY)
    first = set(Revisit.objects.values_list("rule__code", "anchor_key", "due_on", "joined_as"))
    Revisit.objects.update(head=None, joined_as="")
    Revisit.objects.all().delete()
    for back in (2, 1, 0):
        generate(store_a.pk, DAY - days(back), today=DAY)
    assert set(Revisit.objects.values_list("rule__code", "anchor_key", "due_on", "joined_as")) == first

"""Taking calls: the most urgent first, never one's own customers' scores, never the same call to two people."""

from datetime import timedelta

import pytest

from complaints.models import State as ComplaintState
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from customers.models import ContactBan, OrderState, Trade, Vehicle, Workmanship
from revisits import actions, queries
from revisits.actions import LEASE
from revisits.models import Revisit, RevisitOrder, State
from tests.factories import (
    DAY,
    NOON,
    ComplaintFactory,
    ContactFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
)

pytestmark = pytest.mark.django_db


def take(person, role="specialist", now=NOON):
    return actions.claim_next(person.employee, role, now=now, today=DAY)


def test_next_takes_a_call_with_a_lease_and_logs_that_the_number_was_shown(task, store_a, specialist_a):
    made = task(store_a)
    taken = take(specialist_a)
    assert taken == made
    assert (taken.claimed_by, taken.lease_until) == (specialist_a.employee, NOON + LEASE)
    entry = Entry.objects.get(action="revisit.claimed")
    assert (entry.actor_id, entry.detail) == (specialist_a.employee.pk, {"phone": made.phone_id})


def test_nothing_waits_is_none(store_a, specialist_a):
    assert take(specialist_a) is None


def test_a_claimed_call_is_not_given_to_another_until_its_lease_ends(task, store_a, specialist_a, specialist_a2):
    made = task(store_a)
    take(specialist_a)
    assert take(specialist_a2) is None
    assert take(specialist_a2, now=NOON + LEASE) is None
    assert take(specialist_a2, now=NOON + LEASE + timedelta(seconds=1)) == made


def test_the_most_urgent_call_comes_first(task, store_a, specialist_a):
    ticket = ComplaintFactory(store=store_a, state=ComplaintState.CONFIRMING, round=1)
    care = task(store_a, "DLV_M1")
    service = task(store_a, "SVC_D3", expires_on=DAY + timedelta(days=2))
    expiring = task(store_a, "SVC_D3", expires_on=DAY - timedelta(days=1), due_on=DAY - timedelta(days=2))
    sales = task(store_a, "DLV_D3")
    confirming = task(store_a, "CMP_CFM", complaint=ticket)
    mine = task(store_a, "DLV_M1", promised_at=NOON, promised_by=specialist_a.employee, not_before=NOON)
    order = [take(specialist_a) for _ in range(6)]
    assert order == [mine, confirming, sales, expiring, service, care]


def test_a_promise_waits_for_its_time(task, store_a, specialist_a):
    at = NOON + timedelta(hours=1)
    made = task(store_a, promised_at=at, promised_by=specialist_a.employee, not_before=at, state=State.IN_PROGRESS)
    assert take(specialist_a) is None
    assert take(specialist_a, now=at) == made


def test_a_promise_is_personal_for_two_hours(task, store_a, specialist_a, specialist_a2):
    made = task(store_a, promised_at=NOON, promised_by=specialist_a.employee, not_before=NOON)
    assert take(specialist_a2, now=NOON + timedelta(hours=2)) is None
    assert take(specialist_a2, now=NOON + timedelta(hours=2, seconds=1)) == made


@pytest.mark.parametrize(
    ("values", "callable_now"),
    [
        ({"due_on": DAY + timedelta(days=1), "expires_on": DAY + timedelta(days=3)}, False),
        ({"expires_on": DAY - timedelta(days=14), "due_on": DAY - timedelta(days=20)}, True),
        ({"expires_on": DAY - timedelta(days=15), "due_on": DAY - timedelta(days=20)}, False),
        ({"not_before": NOON + timedelta(minutes=1)}, False),
        ({"not_before": NOON}, True),
        ({"state": State.NO_NUMBER}, False),
        ({"state": State.IN_PROGRESS}, True),
        ({"state": State.DONE, "ended_at": NOON}, False),
    ],
)
def test_only_what_can_be_called_now_is_handed_out(task, store_a, specialist_a, values, callable_now):
    task(store_a, **values)
    assert (take(specialist_a) is not None) == callable_now


def test_another_stores_calls_are_never_handed_out(task, store_b, specialist_a):
    task(store_b)
    assert take(specialist_a) is None


# ---- who served does not ask -----------------------------------------------------------------------------------------


def _delivered_by(store, who):
    return {"delivery": DeliveryFactory(store=store, vehicle=VehicleFactory(store=store), sales_consultant=who)}


def _handed_over_by(store, who):
    return {"delivery": DeliveryFactory(store=store, vehicle=VehicleFactory(store=store), delivery_specialist=who)}


def _received_by(store, who):
    return {"repair_order": RepairOrderFactory(store=store, vehicle=VehicleFactory(store=store), service_advisor=who)}


def _inspected_by(store, who):
    return {"repair_order": RepairOrderFactory(store=store, vehicle=VehicleFactory(store=store), final_inspector=who)}


def _repaired_by(store, who):
    order = RepairOrderFactory(store=store, vehicle=VehicleFactory(store=store))
    Workmanship.objects.create(store=store, order=order, trade=Trade.BODY, technician=who)
    return {"repair_order": order}


def _handled_by(store, who):
    return {"complaint": ComplaintFactory(store=store, handler=who, state=ComplaintState.CONFIRMING, round=1)}


def _about(store, who):
    return {"complaint": ComplaintFactory(store=store, accused=who, state=ComplaintState.CONFIRMING, round=1)}


SERVED = [
    ("DLV_D3", _delivered_by),
    ("DLV_D3", _handed_over_by),
    ("SVC_D3", _received_by),
    ("SVC_D3", _inspected_by),
    ("SVC_D3", _repaired_by),
    ("CMP_CFM", _handled_by),
    ("CMP_CFM", _about),
]


@pytest.mark.parametrize("served", SERVED)
def test_who_served_never_makes_a_scored_or_confirming_call(task, store_a, specialist_a, specialist_a2, served):
    code, fact = served
    made = task(store_a, code, **fact(store_a, specialist_a.employee))
    assert take(specialist_a) is None
    with pytest.raises(RuleBroken) as refused:
        actions.claim(made.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    assert refused.value.code == "not_yours"
    assert take(specialist_a2) == made


def test_who_served_one_of_several_covered_visits_does_not_ask_either(task, store_a, specialist_a):
    made = task(store_a, "SVC_D3")
    further = _received_by(store_a, specialist_a.employee)["repair_order"]
    RevisitOrder.objects.create(revisit=made, repair_order=further)
    assert take(specialist_a) is None


def test_who_served_may_make_an_unscored_call(task, store_a, specialist_a):
    made = task(store_a, "DLV_M1", **_delivered_by(store_a, specialist_a.employee))
    assert take(specialist_a) == made


def test_each_role_takes_its_own_calls(task, store_a, specialist_a, frontline_a, manager_a):
    mine = task(store_a, "DLV_D1", **_delivered_by(store_a, frontline_a.employee))
    pool = task(store_a, "DLV_D3")
    assert take(frontline_a, "frontline") == mine
    assert take(frontline_a, "frontline") is None
    assert take(specialist_a) == pool
    actions.release(pool.pk, specialist_a.employee)
    assert take(manager_a, "manager") == pool


def test_a_consultants_customers_are_not_called_by_another(task, store_a, frontline_a, head_a):
    task(store_a, "DLV_D1", **_delivered_by(store_a, head_a.employee))
    assert take(frontline_a, "frontline") is None


# ---- stop facts at the last moment -----------------------------------------------------------------------------------


def test_a_car_in_the_workshop_is_waited_for(task, store_a, specialist_a):
    made = task(store_a)
    order = RepairOrderFactory(
        store=store_a,
        vehicle=made.vehicle,
        state=OrderState.OPEN,
        handed_back_on=None,
        checked_in_on=DAY,
        recorded_on=DAY,
    )
    assert take(specialist_a) is None
    type(order).objects.filter(pk=order.pk).update(checked_in_on=DAY - timedelta(days=31))
    assert take(specialist_a) == made


def in_the_workshop(made):
    """The car of a call was brought in today and is not given back."""
    return RepairOrderFactory(
        store=made.store, vehicle=made.vehicle, state=OrderState.OPEN, handed_back_on=None, checked_in_on=DAY,
        recorded_on=DAY,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "called_us", "given"),
    [({}, False, False), ({}, True, True), ({"promised_at": NOON, "not_before": NOON}, False, True)],
)
def test_a_car_in_the_workshop_is_waited_for_also_from_the_list(task, store_a, specialist_a, values, called_us, given):
    made = task(store_a, **values)
    in_the_workshop(made)
    how = {"now": NOON, "today": DAY, "called_us": called_us}
    if given:
        assert actions.claim(made.pk, specialist_a.employee, "specialist", **how).claimed_by == specialist_a.employee
        return
    with pytest.raises(RuleBroken) as refused:
        actions.claim(made.pk, specialist_a.employee, "specialist", **how)
    assert refused.value.code == "in_workshop"


def test_who_has_a_call_keeps_it_when_the_car_comes_in(task, store_a, specialist_a):
    made = task(store_a)
    take(specialist_a)
    in_the_workshop(made)
    assert actions.claim(made.pk, specialist_a.employee, "specialist", now=NOON, today=DAY) == made


def test_who_refuses_calls_since_is_excused_and_the_next_is_taken(task, store_a, specialist_a):
    refusing, sold, fine = (task(store_a, expires_on=DAY + timedelta(days=n)) for n in range(3))
    ContactBan.objects.create(store=store_a, customer=refusing.customer, purpose="revisit", since=DAY)
    Vehicle.objects.filter(pk=sold.vehicle_id).update(state="sold")
    assert take(specialist_a) == fine
    assert set(Revisit.objects.exclude(pk=fine.pk).values_list("pk", "state", "reason")) == {
        (refusing.pk, "excused", "refuses_calls"),
        (sold.pk, "cancelled", "vehicle_sold"),
    }


# ---- keeping, giving back, opening any -------------------------------------------------------------------------------


def test_a_lease_is_renewed_by_its_holder_only(task, store_a, specialist_a, specialist_a2):
    made = task(store_a)
    take(specialist_a)
    later = NOON + timedelta(minutes=10)
    assert actions.renew_lease(made.pk, specialist_a2.employee, now=later) is None
    assert actions.renew_lease(made.pk, specialist_a.employee, now=later) == later + LEASE
    assert take(specialist_a2, now=NOON + LEASE + timedelta(minutes=1)) is None


def test_a_lease_that_ran_out_is_lost_once_another_has_the_call(task, store_a, specialist_a, specialist_a2):
    made = task(store_a)
    take(specialist_a)
    late = NOON + LEASE + timedelta(minutes=1)
    take(specialist_a2, now=late)
    assert actions.renew_lease(made.pk, specialist_a.employee, now=late) is None


def test_any_open_call_can_be_opened_and_opened_again(task, store_a, specialist_a):
    made = task(store_a, due_on=DAY + timedelta(days=5), expires_on=DAY + timedelta(days=6))
    for _ in range(2):
        actions.claim(made.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    assert Entry.objects.filter(action="revisit.claimed").count() == 1


def test_a_call_resumed_after_its_lease_is_taken_anew(task, store_a, specialist_a):
    made = task(store_a)
    take(specialist_a)
    later = NOON + timedelta(hours=15)
    again = actions.claim(made.pk, specialist_a.employee, "specialist", now=later, today=DAY + timedelta(days=1))
    assert (again.claimed_at, again.lease_until) == (later, later + LEASE)
    assert Entry.objects.filter(action="revisit.claimed").count() == 2


def test_a_call_that_another_holds_is_refused_by_name_and_time(task, store_a, specialist_a, specialist_a2):
    made = task(store_a)
    take(specialist_a)
    with pytest.raises(RuleBroken) as refused:
        actions.claim(made.pk, specialist_a2.employee, "specialist", now=NOON, today=DAY)
    assert refused.value.code == "held"
    assert specialist_a.employee.name in refused.value.message
    assert "12:00" in refused.value.message


def test_an_ended_call_is_not_opened(task, store_a, specialist_a):
    made = task(store_a, state=State.DONE, ended_at=NOON)
    with pytest.raises(RuleBroken) as refused:
        actions.claim(made.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    assert refused.value.code == "ended"


def test_only_the_holder_or_a_manager_gives_a_call_back(task, store_a, specialist_a, specialist_a2, manager_a):
    made = task(store_a)
    take(specialist_a)
    with pytest.raises(RuleBroken):
        actions.release(made.pk, specialist_a2.employee)
    actions.release(made.pk, manager_a.employee, for_another=True)
    assert take(specialist_a2) == made


def test_a_manager_ends_a_call_with_a_reason_of_the_list(task, store_a, manager_a):
    made = task(store_a)
    with pytest.raises(RuleBroken):
        actions.end_by_hand(made.pk, state="excused", reason="because", by=manager_a.employee, now=NOON)
    ended = actions.end_by_hand(made.pk, state="excused", reason="by_manager", by=manager_a.employee, now=NOON)
    assert (ended.state, ended.reason, ended.ended_on) == (State.EXCUSED, "by_manager", DAY)
    with pytest.raises(RuleBroken):
        actions.end_by_hand(made.pk, state="cancelled", reason="duplicate", by=manager_a.employee, now=NOON)


def test_the_numbers_to_dial_follow_the_rules_order(task, store_a):
    made = task(store_a)
    contact = ContactFactory(customer=made.customer, name="何芳")
    second = PhoneFactory(customer=made.customer, contact=contact, rank=2)
    type(made.delivery).objects.filter(pk=made.delivery_id).update(picked_up_by="何芳")
    fresh = queries.for_desk().get(pk=made.pk)
    assert [number.phone_id for number in queries.dial_list(fresh, DAY)] == [second.pk, made.phone_id]

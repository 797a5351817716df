"""作废, 反结算, 退车: what hung on a fact that is none any more is withdrawn, and comes back with the fact."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core.errors import RuleBroken
from crm_site.imports.models import ImportBatch
from customers.models import Delivery, OrderState, RepairOrder, Vehicle
from revisits import actions
from revisits.generator import generate
from revisits.models import Revisit, RevisitOrder, Skip, State
from revisits.work import before_undo
from satisfaction.models import Response
from tests.customers.intake import DELIVERIES, DELIVERY, ORDER, ORDERS, OTHER_VIN, VIN, look, take_in, verdicts
from tests.factories import DAY, NOON, PhoneFactory, RepairOrderFactory, VehicleRoleFactory
from tests.revisits.calls import save, service_task
from tests.revisits.conftest import make_task

pytestmark = pytest.mark.django_db


def withdraw(order, **values):
    """What an import of a list with 作废 or 反结算 writes."""
    RepairOrder.objects.filter(pk=order.pk).update(**{"state": OrderState.VOID, "released_on": None} | values)


def restore(order):
    RepairOrder.objects.filter(pk=order.pk).update(state=OrderState.SETTLED, released_on=order.released_on)


def take_in_deliveries(admin, *rows):
    """Import deliveries; a row gives what differs from the usual one, also in columns of its own."""
    more = [title for title in dict.fromkeys(title for row in rows for title in row) if title not in DELIVERIES]
    return take_in(admin, [*DELIVERIES, *more], *(DELIVERY | row for row in rows))


def take_in_orders(admin, *rows):
    """Import repair orders, likewise."""
    more = [title for title in dict.fromkeys(title for row in rows for title in row) if title not in ORDERS]
    return take_in(admin, [*ORDERS, *more], *(ORDER | row for row in rows))


# ---- withdrawn -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "reason"), [(OrderState.VOID, "order_void"), (OrderState.OPEN, "order_reopened")])
def test_the_waiting_call_of_a_void_or_reopened_order_is_withdrawn(store_a, state, reason):
    task = service_task(store_a)
    withdraw(task.repair_order, state=state)
    run = generate(store_a.pk, DAY)
    task.refresh_from_db()
    assert (task.state, task.reason, task.ended_on) == (State.CANCELLED, reason, DAY)
    assert run.counts["ended"] == {reason: 1}


def test_a_call_in_somebodys_hands_is_left_to_them_and_they_are_told(store_a, specialist_a, as_):
    task = service_task(store_a)
    actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    Revisit.objects.update(lease_until=NOON + timedelta(days=900))
    withdraw(task.repair_order)
    generate(store_a.pk, DAY)
    task.refresh_from_db()
    assert (task.state, task.claimed_by) == (State.DUE, specialist_a.employee)
    client = as_(specialist_a)
    told = client.post(reverse("revisits:renew", args=[task.pk])).json()
    assert "工单已作废" in told["warning"]
    page = client.get(reverse("revisits:call", args=[task.pk]))
    assert "工单已作废" in page.content.decode()


def test_what_was_being_said_is_still_kept_after_the_order_went_void(store_a, specialist_a):
    task = service_task(store_a)
    actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    withdraw(task.repair_order)
    save(task, specialist_a)
    generate(store_a.pk, DAY)
    task.refresh_from_db()
    assert (task.state, Response.objects.get().repair_order) == (State.DONE, task.repair_order)


def test_a_call_that_was_made_stays_and_its_answers_say_that_the_order_is_void(store_a, specialist_a, manager_a, as_):
    task = service_task(store_a)
    actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    save(task, specialist_a)
    withdraw(task.repair_order)
    generate(store_a.pk, DAY)
    task.refresh_from_db()
    response = Response.objects.get()
    assert (task.state, response.excluded_at) == (State.DONE, None)
    page = as_(manager_a).get(reverse("satisfaction:response", args=[response.pk])).content.decode()
    assert "作废" in page


def test_nobody_can_take_the_call_between_the_import_and_the_next_run(store_a, specialist_a):
    task = service_task(store_a)
    withdraw(task.repair_order)
    with pytest.raises(RuleBroken) as refused:
        actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    assert refused.value.code == "stopped"
    assert actions.claim_next(specialist_a.employee, "specialist", now=NOON, today=DAY) is None
    task.refresh_from_db()
    assert (task.state, task.reason) == (State.CANCELLED, "order_void")


def test_a_further_order_that_goes_void_is_asked_about_no_more(store_a):
    task = service_task(store_a)
    second = RepairOrderFactory(store=store_a, vehicle=task.vehicle, customer=task.customer)
    generate(store_a.pk, DAY)
    assert RevisitOrder.objects.get().repair_order == second
    withdraw(second)
    generate(store_a.pk, DAY)
    assert not RevisitOrder.objects.exists()
    task.refresh_from_db()
    assert task.state == State.DUE


# ---- coming back -----------------------------------------------------------------------------------------------------


def test_an_order_settled_again_on_a_later_day_is_called_by_the_new_day(store_a):
    task = service_task(store_a)
    withdraw(task.repair_order, state=OrderState.OPEN)
    generate(store_a.pk, DAY)
    RepairOrder.objects.update(state=OrderState.SETTLED, released_on=DAY, handed_back_on=DAY)
    run = generate(store_a.pk, DAY + timedelta(days=3))
    again = Revisit.objects.get(repair_order=task.repair_order)
    assert (again.state, again.anchor_on, again.due_on) == (State.DUE, DAY, DAY + timedelta(days=3))
    assert run.counts["ended"] == {"fact_back": 1}


def test_a_call_that_was_tried_goes_on_with_its_tries(store_a, specialist_a):
    task = service_task(store_a)
    actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    save(task, specialist_a, "NO_ANSWER")
    withdraw(task.repair_order)
    generate(store_a.pk, DAY)
    restore(task.repair_order)
    generate(store_a.pk, DAY)
    task.refresh_from_db()
    assert (task.state, task.reason, task.tries_made, task.ended_at) == (State.IN_PROGRESS, "", 1, None)
    assert task.attempts.count() == 1


def test_what_is_too_old_to_be_called_again_has_failed(store_a):
    task = service_task(store_a)
    withdraw(task.repair_order)
    generate(store_a.pk, DAY)
    restore(task.repair_order)
    generate(store_a.pk, DAY + timedelta(days=60))
    task.refresh_from_db()
    assert (task.state, task.reason) == (State.FAILED, "expired")


def test_running_again_changes_nothing_more(store_a):
    task = service_task(store_a)
    withdraw(task.repair_order)
    generate(store_a.pk, DAY)
    restore(task.repair_order)
    generate(store_a.pk, DAY)
    again = Revisit.objects.get()
    generate(store_a.pk, DAY)
    assert Revisit.objects.get() == again
    assert Revisit.objects.get().version == again.version


# ---- through the lists -----------------------------------------------------------------------------------------------


def _order(admin, **values):
    usual = {"工单号": "RO1", "VIN": VIN, "开单时间": "2026-09-12", "结算时间": "2026-09-13", "交车时间": "2026-09-13"}
    return take_in_orders(admin, usual | values)


BEFORE = DAY - timedelta(days=4)


@pytest.mark.parametrize(
    ("title", "cell", "state", "last_visit"),
    [
        ("状态", "作废", OrderState.VOID, None),
        ("状态", "废单", OrderState.VOID, None),
        ("状态", "已反结算", OrderState.OPEN, BEFORE),
        ("状态", "反结算", OrderState.OPEN, BEFORE),
        ("是否作废", "是", OrderState.VOID, None),
        ("作废日期", "2026-09-15", OrderState.VOID, None),
        ("反结算日期", "2026-09-15", OrderState.OPEN, BEFORE),
    ],
)
def test_a_list_that_takes_an_order_back_withdraws_its_call(admin_a, title, cell, state, last_visit):
    _order(admin_a)
    order = RepairOrder.objects.get()
    generate(admin_a.store.pk, DAY)
    assert Revisit.objects.get().state != State.CANCELLED
    _order(admin_a, **{title: cell})
    order.refresh_from_db()
    assert (order.state, order.released_on) == (state, None)
    assert Vehicle.objects.get().last_visit_on == last_visit
    generate(admin_a.store.pk, DAY)
    assert Revisit.objects.get().state == State.CANCELLED


@pytest.mark.parametrize(
    ("title", "cell", "returned_on"),
    [("退车日期", "2026-09-15", DAY - timedelta(days=1)), ("退车", "2026-09-15", DAY - timedelta(days=1)),
     ("退车", "是", "today"), ("是否退车", "Y", "today"), ("状态", "退车", "today"), ("状态", "已退车", "today"),
     ("退车", "否", None), ("状态", "正常", None), ("退车", "", None)],
)  # fmt: skip
def test_a_returned_car_is_told_by_a_day_a_yes_or_a_state(admin_a, title, cell, returned_on):
    batch = take_in_deliveries(admin_a, {title: cell})
    assert batch.counts["applied"] == 1, batch.counts
    expected = Delivery.objects.get().recorded_on if returned_on == "today" else returned_on
    assert Delivery.objects.get().returned_on == expected


def test_the_call_of_a_returned_car_is_withdrawn_and_the_day_does_not_move(admin_a):
    take_in_deliveries(admin_a, {"交车日期": "2026-09-13"})
    delivery = Delivery.objects.get()
    generate(admin_a.store.pk, DAY)
    take_in_deliveries(admin_a, {"交车日期": "2026-09-13", "退车": "是"})
    delivery.refresh_from_db()
    first_told = delivery.returned_on
    assert first_told is not None
    generate(admin_a.store.pk, DAY)
    assert set(Revisit.objects.values_list("state", "reason")) == {("cancelled", "delivery_returned")}
    Delivery.objects.update(returned_on=first_told - timedelta(days=1))
    batch = look(admin_a, [*DELIVERIES, "退车"], DELIVERY | {"退车": "是"})
    assert verdicts(batch) == ["unchanged"]


def test_an_order_without_name_and_phone_joins_by_the_vin_and_an_unknown_one_waits_for_a_number(admin_a):
    known = VehicleRoleFactory(vehicle__store=admin_a.store, vehicle__vin=VIN)
    PhoneFactory(customer=known.customer)
    take_in_orders(admin_a, *({"工单号": number, "VIN": vin, "车主": "", "送修人": "", "送修人电话": "",
                               "开单时间": "2026-09-12", "结算时间": "2026-09-13", "交车时间": "2026-09-13"}
                              for number, vin in (("RO1", VIN), ("RO2", OTHER_VIN))))  # fmt: skip
    generate(admin_a.store.pk, DAY)
    found = {task.vehicle.vin: (task.state, task.customer_id) for task in Revisit.objects.all()}
    assert found == {VIN: (State.DUE, known.customer_id), OTHER_VIN: (State.NO_NUMBER, None)}


# ---- before an undo --------------------------------------------------------------------------------------------------


def _batch(admin):
    take_in_deliveries(admin, {"交车日期": "2026-09-13"}, {"交车日期": "2026-09-13", "车架号": OTHER_VIN,
                                                       "客户姓名": "李四", "联系电话": "13900139001"})  # fmt: skip
    batch = ImportBatch.objects.get()
    generate(admin.store.pk, DAY)
    return batch, list(Delivery.objects.order_by("pk"))


def test_before_an_undo_the_calls_that_nobody_worked_on_are_removed(admin_a):
    batch, facts = _batch(admin_a)
    count = Revisit.objects.count()
    rows = {"customers.delivery": [fact.pk for fact in facts], "customers.vehicle": [], "unknown.model": [1]}
    assert before_undo(batch, rows) == {"withdrawn": count}
    assert not Revisit.objects.exists()
    assert before_undo(batch, rows) == {"withdrawn": 0}


def test_before_an_undo_a_call_that_somebody_holds_or_has_tried_stays(admin_a, specialist_a):
    batch, (held, _free) = _batch(admin_a)
    task = Revisit.objects.get(delivery=held, rule__code="DLV_D3")
    actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    Revisit.objects.filter(pk=task.pk).update(lease_until=NOON + timedelta(days=900))
    before_undo(batch, {"customers.delivery": list(Delivery.objects.values_list("pk", flat=True))})
    assert list(Revisit.objects.all()) == [task]


def test_before_an_undo_facts_of_other_imports_keep_their_calls(admin_a, store_a):
    batch, _facts = _batch(admin_a)
    mine = make_task(store_a)
    before_undo(batch, {"customers.delivery": [mine.delivery_id], "customers.customer": [mine.customer_id]})
    assert Revisit.objects.filter(pk=mine.pk).exists()


def test_before_an_undo_the_reasons_for_no_call_are_forgotten(admin_a):
    take_in_deliveries(admin_a, {"销售类型": "二网"})
    generate(admin_a.store.pk, DAY)
    assert Skip.objects.exists()
    before_undo(ImportBatch.objects.get(), {"customers.delivery": [Delivery.objects.get().pk]})
    assert not Skip.objects.exists()


def test_withdrawing_asks_the_same_number_of_queries_for_any_number_of_rows(admin_a):
    batch, facts = _batch(admin_a)
    counts = []
    for keys in ([facts[0].pk], [*range(10_000, 10_300), facts[1].pk]):
        with CaptureQueriesContext(connection) as queries:
            assert before_undo(batch, {"customers.delivery": keys})["withdrawn"]
        counts.append(len(queries))
    assert counts[0] == counts[1]

"""An import undone: its calls go first, what somebody has worked on keeps its fact, and the story goes back."""

from datetime import timedelta

import pytest

from crm_site.imports.actions import undoing
from crm_site.imports.models import BatchState, UndoCase
from crm_site.jobs import runner
from customers.models import Customer, Delivery, OrderState, RepairOrder, Vehicle
from revisits import actions
from revisits.generator import generate
from revisits.models import PastCall, Revisit, State
from satisfaction.models import ExternalResult
from tests.customers.intake import DELIVERIES, DELIVERY, ORDER, ORDERS, OTHER_VIN, take_in
from tests.factories import DAY, NOON
from tests.imports.sheets import read, write
from tests.revisits.calls import save
from tests.revisits.test_past_calls import sheet as past_sheet
from tests.satisfaction.test_external import row as external_row
from tests.satisfaction.test_external import sheet as external_sheet

pytestmark = pytest.mark.django_db

SECOND = DELIVERY | {"车架号": OTHER_VIN, "客户姓名": "李四", "联系电话": "13900139001"}


def undo(person, batch):
    """Plan the undo of an import and carry it out."""
    undoing.ask(batch.pk, by=person.employee)
    _run(batch)
    undoing.confirm(batch.pk, by=person.employee)
    _run(batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDONE


def _run(batch):
    batch.refresh_from_db()
    runner.run(batch.undo_job_id)


def test_deliveries_go_with_their_calls_and_customers(admin_a):
    batch = take_in(admin_a, DELIVERIES, DELIVERY, SECOND)
    generate(admin_a.store.pk, DAY)
    assert Revisit.objects.exists()
    undo(admin_a, batch)
    for model in (Revisit, Delivery, Vehicle, Customer):
        assert not model.objects.exists(), model


def test_a_delivery_whose_customer_was_called_stays_with_call_and_reason(admin_a, specialist_a):
    batch = take_in(admin_a, DELIVERIES, DELIVERY, SECOND)
    generate(admin_a.store.pk, DAY)
    task = Revisit.objects.get(vehicle__vin=OTHER_VIN, rule__code="DLV_D3")
    actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    save(task, specialist_a, "NO_ANSWER")
    undo(admin_a, batch)
    assert list(Delivery.objects.all()) == [task.delivery]
    assert list(Revisit.objects.all()) == [task]
    case = UndoCase.objects.get(target_type="customers.delivery")
    assert (case.kind, case.detail["by"]) == (UndoCase.Kind.REFERENCED, {"revisits.revisit": 1})


def test_orders_voided_by_an_import_that_is_undone_are_called_again(admin_a):
    usual = ORDER | {"状态": "已结算", "送修人": "张三", "送修人电话": "13800138001"}
    take_in(admin_a, ORDERS, usual)
    generate(admin_a.store.pk, DAY)
    assert Revisit.objects.get().state == State.DUE
    voided = take_in(admin_a, ORDERS, usual | {"状态": "作废"})
    generate(admin_a.store.pk, DAY)
    assert Revisit.objects.get().state == State.CANCELLED
    undo(admin_a, voided)
    assert RepairOrder.objects.get().state == OrderState.SETTLED
    generate(admin_a.store.pk, DAY)
    task = Revisit.objects.get()
    assert (task.state, task.due_on) == (State.DUE, DAY - timedelta(days=1))


def test_an_undo_leaves_the_calls_of_facts_that_it_only_changes_back(admin_a):
    take_in(admin_a, DELIVERIES, DELIVERY)
    generate(admin_a.store.pk, DAY)
    before = set(Revisit.objects.values_list("pk", flat=True))
    changed = take_in(admin_a, DELIVERIES, DELIVERY | {"成交价": "170,000"})
    undo(admin_a, changed)
    assert set(Revisit.objects.values_list("pk", flat=True)) == before


def test_past_calls_and_external_results_go_and_go_back(admin_a):
    calls = write(admin_a, read(admin_a, past_sheet({"备注": ""})))
    more = write(admin_a, read(admin_a, past_sheet({"备注": "已补发礼品"})))
    undo(admin_a, more)
    assert PastCall.objects.get().note == ""
    undo(admin_a, calls)
    assert not PastCall.objects.exists()
    first = write(admin_a, read(admin_a, external_sheet(external_row())))
    second = write(admin_a, read(admin_a, external_sheet(external_row(得分=870, 排名=1))))
    undo(admin_a, second)
    result = ExternalResult.objects.get()
    assert (f"{result.score:f}", result.rank, result.source_values["score"]) == ("86.300", 3, "863")
    undo(admin_a, first)
    assert not ExternalResult.objects.exists()

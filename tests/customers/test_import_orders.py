"""维修工单 in both forms: joined by VIN, lines of one order folded, the car's last visit and the bringer kept up."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_site.imports.cleaning import clean_row
from crm_site.imports.models import BatchState
from crm_site.imports.staging import context_of
from customers.layouts import REPAIR_ORDERS
from customers.models import (
    Contact,
    Customer,
    OrderState,
    Phone,
    RepairOrder,
    Trade,
    Vehicle,
    VehicleRole,
    Workmanship,
)
from tests.customers import intake
from tests.customers.intake import ORDER, ORDER_BY_VIN, ORDERS, ORDERS_BY_VIN, VIN
from tests.factories import EmployeeFactory, VehicleFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db


def bring(person, *rows, header=ORDERS):
    return intake.take_in(person, header, *rows)


def again(**changed):
    return {**ORDER, **changed}


@pytest.fixture
def car(store_a):
    """张三's car, known to the archive."""
    car = VehicleFactory(store=store_a, vin=VIN)
    VehicleRoleFactory(vehicle=car, customer__name="张三")
    return car


def test_an_order_is_joined_to_the_owner_by_the_vin(admin_a, car):
    advisor = EmployeeFactory(store=admin_a.store, name="罗雪")
    batch = bring(admin_a, ORDER)
    assert batch.layout == "repair_orders"
    order = RepairOrder.objects.get()
    assert (order.customer.name, order.vehicle, order.state) == ("张三", car, OrderState.SETTLED)
    assert (order.checked_in_on, order.settled_on, order.handed_back_on, order.released_on) == (
        date(2026, 9, 10),
        date(2026, 9, 11),
        date(2026, 9, 12),
        date(2026, 9, 12),
    )
    assert (order.labour_fee, order.parts_fee, order.total_fee) == (Decimal(300), Decimal(986), Decimal(1286))
    assert (order.service_advisor, order.mileage_km) == (advisor, 38420)
    lead = order.technicians.get()
    assert (lead.trade, lead.technician_name, lead.is_lead) == (Trade.MECHANICAL, "唐建军", True)
    car.refresh_from_db()
    assert (car.last_visit_on, car.last_mileage_km) == (date(2026, 9, 10), 38420)


def test_who_brought_the_car_becomes_a_contact_with_a_role(admin_a, car):
    bring(admin_a, ORDER, again(工单号="RO2"))
    contact = Contact.objects.get()
    assert (contact.name, contact.customer.name, contact.identity) == ("李四", "张三", "bringer")
    assert contact.phones.get().number == "13900139001"
    assert VehicleRole.objects.get(role="bringer").contact == contact


def test_an_owner_who_brings_the_car_is_no_contact(admin_a, car):
    bring(admin_a, again(送修人="张三(先生)"))
    assert not Contact.objects.exists()
    assert Phone.objects.get().contact is None


def test_the_same_file_again_changes_nothing(admin_a, car):
    bring(admin_a, ORDER)
    tables = (Customer, Contact, Phone, Vehicle, VehicleRole, RepairOrder, Workmanship)
    before = [list(model.objects.order_by("pk").values()) for model in tables]
    assert intake.verdicts(intake.look(admin_a, ORDERS, ORDER)) == ["unchanged"]
    assert [list(model.objects.order_by("pk").values()) for model in tables] == before


def test_the_form_without_names_joins_by_the_vin(admin_a, car):
    batch = bring(admin_a, ORDER_BY_VIN, header=ORDERS_BY_VIN)
    assert batch.layout == "repair_orders"
    order = RepairOrder.objects.get()
    assert (order.customer.name, order.total_fee, order.is_rework) == ("张三", Decimal(500), False)
    assert set(order.technicians.values_list("trade", "technician_name")) == {
        (Trade.PAINT, "马师傅"),
        (Trade.BODY, "牛师傅"),
    }


def test_an_unknown_vin_makes_a_car_that_waits_for_its_owner(admin_a):
    batch = bring(admin_a, ORDER_BY_VIN, header=ORDERS_BY_VIN)
    assert "no_owner" in intake.codes(batch)
    order = RepairOrder.objects.get()
    assert (order.customer, order.vehicle.vin, VehicleRole.objects.count()) == (None, VIN, 0)


def test_an_owner_who_becomes_known_gets_the_waiting_orders(admin_a):
    bring(admin_a, ORDER_BY_VIN, header=ORDERS_BY_VIN)
    intake.take_in(admin_a, intake.DELIVERIES, intake.DELIVERY)
    assert RepairOrder.objects.get().customer.name == "张三"


def test_an_unknown_car_with_a_named_owner_gets_both(admin_a):
    bring(admin_a, again(送修人="张三"))
    assert RepairOrder.objects.get().customer == Customer.objects.get()
    assert Phone.objects.get().number == "13900139001"


def test_another_owner_in_the_file_does_not_take_the_car(admin_a, car):
    batch = bring(admin_a, again(车主="王五"))
    assert "other_owner" in intake.codes(batch)
    assert RepairOrder.objects.get().customer.name == "张三"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("刹车片", 300, 1286), ("机油", 100, 514)], ("刹车片；机油", Decimal(1800), Decimal(400))),
        ([("刹车片", 300, 1286), ("机油", 100, 1286)], ("刹车片；机油", Decimal(1286), Decimal(400))),
        ([("刹车片", 300, 600), ("机油", 100, 600), ("机油", 50, 600)], ("刹车片；机油", Decimal(600), Decimal(450))),
        (
            [("刹车片", 300, 600), ("机油", 300, 600), ("轮胎", 50, 700)],
            ("刹车片；机油；轮胎", Decimal(1900), Decimal(650)),
        ),
    ],
)
def test_lines_of_one_order_are_one_order(admin_a, car, lines, expected):
    rows = [again(维修项目=item, 工时费=fee, 合计金额=whole) for item, fee, whole in lines]
    batch = bring(admin_a, *rows)
    assert intake.verdicts(batch) == ["new", *["skipped"] * (len(lines) - 1)]
    order = RepairOrder.objects.get()
    assert (order.items, order.total_fee, order.labour_fee) == expected
    assert intake.verdicts(intake.look(admin_a, ORDERS, *rows))[0] == "unchanged"


@pytest.mark.parametrize(
    ("row", "state", "released"),
    [
        ({"结算时间": None, "交车时间": None}, "open", None),
        ({"交车时间": None}, "settled", date(2026, 9, 11)),
        ({}, "settled", date(2026, 9, 12)),
        ({"状态": "作废"}, "void", None),
        ({"状态": "在修"}, "open", None),
    ],
)
def test_the_day_from_which_revisits_count(admin_a, car, row, state, released):
    bring(admin_a, again(**row))
    order = RepairOrder.objects.get()
    assert (order.state, order.released_on) == (state, released)


def test_an_order_that_turns_void_takes_its_visit_back(admin_a, car):
    bring(admin_a, again(工单号="RO0", 开单时间="2026-05-01", 结算时间="2026-05-02", 交车时间="2026-05-02"), ORDER)
    bring(admin_a, again(状态="作废"))
    car.refresh_from_db()
    assert car.last_visit_on == date(2026, 5, 1)
    assert RepairOrder.objects.get(order_number="RO1").released_on is None


def test_washing_is_no_visit(admin_a, car):
    bring(admin_a, again(维修类别="洗车"))
    car.refresh_from_db()
    assert car.last_visit_on is None


def test_rework_is_ticked_or_told_by_the_job_type(admin_a, car):
    bring(admin_a, again(维修类别="返修"))
    assert RepairOrder.objects.get().is_rework


def test_a_hand_back_before_the_check_in_is_refused(admin_a, car):
    batch = intake.look(admin_a, ORDERS, again(交车时间="2026-09-01"))
    assert intake.verdicts(batch) == ["problem"]
    assert "ends_before_begin" in intake.codes(batch)


def test_an_open_order_is_settled_by_the_next_file(admin_a, car):
    bring(admin_a, again(结算时间=None, 交车时间=None))
    batch = bring(admin_a, ORDER)
    assert intake.verdicts(batch) == ["changed"]
    assert RepairOrder.objects.get().released_on == date(2026, 9, 12)


def test_another_lead_replaces_the_first(admin_a, car):
    bring(admin_a, ORDER)
    bring(admin_a, again(主修技师="马师傅"))
    assert Workmanship.objects.get().technician_name == "马师傅"


@pytest.mark.parametrize("general", ["牛师傅", "马师傅"])
def test_the_trades_own_column_names_the_lead_before_the_general_one(admin_a, car, general):
    row = again(维修类别="钣喷", 主修技师=general, 钣金主修="牛师傅")
    batch = bring(admin_a, row, header=[*ORDERS, "钣金主修"])
    assert batch.state == BatchState.APPLIED
    lead = Workmanship.objects.get()
    assert (lead.trade, lead.technician_name) == (Trade.BODY, "牛师傅")


def test_of_two_leads_of_one_trade_the_one_named_stays_and_another_replaces_both(admin_a, car):
    row = again(维修类别="钣喷", 主修技师="牛师傅")
    bring(admin_a, row)
    order = RepairOrder.objects.get()
    Workmanship.objects.create(store=admin_a.store, order=order, trade=Trade.BODY, technician_name="马师傅")
    assert intake.verdicts(intake.look(admin_a, ORDERS, row)) == ["unchanged"]
    bring(admin_a, {**row, "主修技师": "唐建军"})
    assert Workmanship.objects.get().technician_name == "唐建军"


def rows_of(batch, count):
    header = list(ORDER)
    mapping = {column: REPAIR_ORDERS.field_of(title) for column, title in enumerate(header)}
    for n in range(count):
        values = {
            **ORDER,
            "工单号": f"R{count}-{n}",
            "VIN": f"LSVAA4180E2{count:03d}{n:03d}",
            "送修人电话": f"139{n:08d}",
        }
        yield clean_row(REPAIR_ORDERS, mapping, list(values.values()), sheet="表", number=n + 2)


def test_more_rows_cost_no_more_queries(admin_a):
    batch = intake.look(admin_a, ORDERS, ORDER)

    def cost(count):
        context, rows = context_of(batch), list(rows_of(batch, count))
        with CaptureQueriesContext(connection) as comparing:
            judged = REPAIR_ORDERS.compare(context, rows)
        with CaptureQueriesContext(connection) as applying:
            REPAIR_ORDERS.apply(context, judged)
        with CaptureQueriesContext(connection) as again:
            same = REPAIR_ORDERS.compare(context, list(rows_of(batch, count)))
        assert {one.verdict for one in same} == {"unchanged"}
        assert all(query["sql"].startswith("SELECT") for query in [*comparing, *again])
        return len(comparing), len(applying), len(again)

    assert cost(3) == cost(30)


def test_a_list_without_state_and_settlement_does_not_open_a_settled_order(admin_a, car):
    bring(admin_a, ORDER)
    bring(admin_a, {"工单号": ORDER["工单号"], "开单时间": ORDER["开单时间"], "VIN": VIN, "故障描述": "右前轮异响"},
          header=["工单号", "开单时间", "VIN", "故障描述"])  # fmt: skip
    order = RepairOrder.objects.get()
    assert (order.state, order.released_on) == (OrderState.SETTLED, date(2026, 9, 12))


def test_an_order_of_which_nothing_is_said_begins_open(admin_a, car):
    bring(admin_a, {"工单号": "R1", "开单时间": "2026-09-10", "VIN": VIN}, header=["工单号", "开单时间", "VIN"])
    assert RepairOrder.objects.get().state == OrderState.OPEN

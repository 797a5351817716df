"""An import undone: the tables stand as before; what people have done since is listed and stays as they decide."""

from datetime import timedelta

import pytest

from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from crm_site.imports.actions import batches, undoing
from crm_site.imports.models import AppliedChunk, BatchState, UndoCase
from crm_site.jobs import runner
from crm_site.jobs.models import Job, State
from customers.models import Customer, Delivery, Phone, RepairOrder, Vehicle, VehicleRole, Workmanship
from tests.customers import intake, tables
from tests.customers.intake import (
    CUSTOMER,
    CUSTOMERS,
    DELIVERIES,
    DELIVERY,
    ORDER,
    ORDER_BY_VIN,
    ORDERS,
    ORDERS_BY_VIN,
    OTHER_VIN,
)
from tests.factories import NOON, ComplaintFactory, DeliveryFactory, EmployeeFactory
from tests.imports import sheets

pytestmark = pytest.mark.django_db


def plan(person, batch):
    undoing.ask(batch.pk, by=person.employee)
    batch.refresh_from_db()
    runner.run(batch.undo_job_id)
    batch.refresh_from_db()
    return batch


def carry_out(person, batch):
    undoing.confirm(batch.pk, by=person.employee)
    batch.refresh_from_db()
    runner.run(batch.undo_job_id)
    batch.refresh_from_db()
    return batch


def undo(person, batch):
    return carry_out(person, plan(person, batch))


def decide(person, batch, decision):
    undoing.decide_all(batch.pk, decision=decision, by=person.employee)


FILES = {
    "customers": (CUSTOMERS, [CUSTOMER, {**CUSTOMER, "客户编号": "K2", "客户名称": "李四", "手机": "13900139001",
                                         "车架号(VIN)": OTHER_VIN, "车牌号": "渝B7Q219"}]),
    "deliveries": (DELIVERIES, [DELIVERY]),
    "orders": (ORDERS, [ORDER, {**ORDER, "工单号": "RO2", "VIN": OTHER_VIN, "车主": "李四", "送修人": "李四"}]),
    "orders by VIN": (ORDERS_BY_VIN, [ORDER_BY_VIN]),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_after_an_undo_nothing_is_left_of_what_was_new(admin_a, name):
    header, rows = FILES[name]
    before = tables.rows()
    batch = undo(admin_a, intake.take_in(admin_a, header, *rows))
    assert (batch.state, tables.rows()) == (BatchState.UNDONE, before)
    assert batch.undo_counts["done"]["kept"] == 0


@pytest.mark.parametrize("name", FILES)
def test_after_an_undo_over_a_full_archive_the_tables_are_as_before(admin_a, name):
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "市": "北京市", "颜色": "黑", "车牌号": None})
    intake.take_in(admin_a, ORDERS_BY_VIN, {**ORDER_BY_VIN, "车架号": OTHER_VIN, "工单号": "RO8"})
    intake.take_in(admin_a, ORDERS, {**ORDER, "维修项目": "机油", "主修技师": "牛师傅", "状态": "在修"})
    intake.take_in(admin_a, DELIVERIES, {**DELIVERY, "成交价": "1", "客户姓名": "张三"})
    before = tables.rows()
    header, rows = FILES[name]
    batch = intake.take_in(admin_a, header, *rows)
    assert tables.rows() != before
    undo(admin_a, batch)
    assert tables.rows() == before


def test_employees_and_their_posts_go_back(admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    before = tables.rows()
    changed = [["E901", "李 明", "男", "DCRC", "客服专员", "13900139001", "2024.3.5", "在职"], *sheets.ROSTER[1:]]
    new = [["E904", "赵六", "男", "车间", "技师", "", "2024.3.5", "在职"]]
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster([*changed, *new])))
    assert tables.rows() != before
    undo(admin_a, batch)
    assert tables.rows() == before


def test_the_same_file_can_be_imported_again_after_its_undo(admin_a):
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "市": "北京市"})
    undo(admin_a, intake.take_in(admin_a, CUSTOMERS, CUSTOMER))
    assert Customer.objects.get().city == "北京市"
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    assert intake.verdicts(batch) == ["changed"]
    assert Customer.objects.get().city == "重庆市"


def test_what_was_edited_since_is_listed_and_stays_unless_told_otherwise(admin_a):
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "市": "北京市", "区": "朝阳区"})
    batch = intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "区": "渝北区"})
    Customer.objects.update(city="成都市", version=3)
    plan(admin_a, batch)
    case = UndoCase.objects.get()
    assert (case.kind, case.sheet, case.row) == ("edited", "表", 2)
    assert case.detail == {"city": ["北京市", "重庆市", "成都市"]}
    carry_out(admin_a, batch)
    person = Customer.objects.get()
    assert (person.city, person.district) == ("成都市", "渝北区")
    assert batch.undo_counts["done"]["kept"] == 1


def test_an_edit_may_be_given_up(admin_a):
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "市": "北京市", "区": "朝阳区"})
    batch = intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "区": "渝北区"})
    Customer.objects.update(city="成都市", version=3)
    plan(admin_a, batch)
    decide(admin_a, batch, "restore")
    carry_out(admin_a, batch)
    person = Customer.objects.get()
    assert (person.city, person.district, person.version) == ("北京市", "朝阳区", 4)


def test_what_is_edited_between_plan_and_undo_stays_and_is_listed(admin_a):
    batch = plan(admin_a, intake.take_in(admin_a, CUSTOMERS, CUSTOMER))
    assert not UndoCase.objects.exists()
    Phone.objects.update(bad_since=NOON.date(), bad_reason="empty")
    carry_out(admin_a, batch)
    kinds = dict(UndoCase.objects.values_list("target_type", "kind"))
    assert kinds == {"customers.phone": "edited", "customers.customer": "referenced"}
    assert Customer.objects.count() == 1
    assert not Vehicle.objects.exists()


def test_an_edit_in_a_column_that_the_import_left_alone_survives(admin_a):
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "市": "北京市"})
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    Customer.objects.update(note="喜欢喝茶", version=3)
    undo(admin_a, batch)
    person = Customer.objects.get()
    assert (person.city, person.note, person.version) == ("北京市", "喜欢喝茶", 4)
    assert not UndoCase.objects.exists()


def test_a_later_import_of_the_same_rows_counts_as_an_edit(admin_a):
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "市": "北京市"})
    first = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "市": "上海市"})
    plan(admin_a, first)
    assert UndoCase.objects.get().detail == {"city": ["北京市", "重庆市", "上海市"]}


def test_a_row_that_something_refers_to_stays_with_the_reason(admin_a):
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    car, person = Vehicle.objects.get(), Customer.objects.get()
    DeliveryFactory(store=admin_a.store, vehicle=car, customer=person)
    plan(admin_a, batch)
    cases = {case.target_type: case.detail for case in UndoCase.objects.filter(kind="referenced")}
    assert cases == {
        "customers.vehicle": {"by": {"customers.delivery": 1}},
        "customers.customer": {"by": {"customers.delivery": 1}},
    }
    carry_out(admin_a, batch)
    left = [model.objects.count() for model in (Customer, Vehicle, Phone, VehicleRole)]
    assert left == [1, 1, 1, 1]  # a customer who stays keeps the number, a car its owner


def test_a_part_goes_where_the_row_it_points_to_goes(admin_a):
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    ComplaintFactory(store=admin_a.store, customer=Customer.objects.get(), vehicle=None)
    undo(admin_a, batch)
    left = [model.objects.count() for model in (Customer, Phone, Vehicle, VehicleRole)]
    assert left == [1, 1, 0, 0]


def test_what_is_free_again_when_the_undo_begins_goes(admin_a):
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    delivery = DeliveryFactory(store=admin_a.store, vehicle=Vehicle.objects.get(), customer=Customer.objects.get())
    plan(admin_a, batch)
    delivery.delete()
    carry_out(admin_a, batch)
    assert not Customer.objects.exists()
    assert not UndoCase.objects.exists()


def test_a_row_that_stays_keeps_what_it_refers_to(admin_a):
    batch = intake.take_in(admin_a, ORDERS, ORDER)
    RepairOrder.objects.update(complaint_text="异响")
    plan(admin_a, batch)
    by = {case.target_type: case.detail.get("by") for case in UndoCase.objects.all()}
    assert by["customers.customer"]["customers.repairorder"] == 1
    assert by["customers.vehicle"]["customers.repairorder"] == 1


def test_undoing_the_older_of_two_imports_leaves_the_younger_ones_rows(admin_a):
    first = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    intake.take_in(admin_a, DELIVERIES, DELIVERY)
    undo(admin_a, first)
    assert Delivery.objects.count() == 1
    assert Delivery.objects.get().customer.name == "张三"


def test_several_chunks_are_taken_back_newest_first(admin_a, monkeypatch):
    monkeypatch.setattr("crm_site.imports.staging.CHUNK", 1)
    monkeypatch.setattr("crm_site.imports.applying.CHUNK", 1)
    before = tables.rows()
    cars = [{**CUSTOMER, "车架号(VIN)": vin, "市": city} for vin, city in ((OTHER_VIN, "北京市"), (None, "上海市"))]
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER, *cars)
    assert AppliedChunk.objects.filter(batch=batch).count() == 3
    undo(admin_a, batch)
    assert tables.rows() == before


def test_a_replaced_technician_comes_back(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER)
    before = tables.rows()
    batch = intake.take_in(admin_a, ORDERS, {**ORDER, "主修技师": "别的师傅"})
    assert Workmanship.objects.get().technician_name == "别的师傅"
    undo(admin_a, batch)
    assert tables.rows() == before


def leads():
    return list(Workmanship.objects.values_list("technician_name", flat=True))


@pytest.mark.parametrize("last", ["王师傅", "唐建军"])
def test_a_technician_whose_place_a_later_import_has_filled_stays_away_and_is_listed(admin_a, last):
    intake.take_in(admin_a, ORDERS, ORDER)
    first_lead = Workmanship.objects.get()
    before = tables.rows()
    first = intake.take_in(admin_a, ORDERS, {**ORDER, "主修技师": "别的师傅"})
    later = intake.take_in(admin_a, ORDERS, {**ORDER, "主修技师": last})
    plan(admin_a, first)
    case = UndoCase.objects.get(target_type="customers.workmanship")
    assert (case.kind, case.target_id, case.detail) == ("referenced", first_lead.pk, {"clash": True})
    assert carry_out(admin_a, first).state == BatchState.UNDONE
    assert leads() == [last]
    assert undo(admin_a, later).state == BatchState.UNDONE
    assert leads() == ["别的师傅"]
    assert tables.rows()["RepairOrder"][0]["items"] == before["RepairOrder"][0]["items"]


def test_undone_newest_first_every_technician_comes_back(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER)
    before = tables.rows()
    batches = [intake.take_in(admin_a, ORDERS, {**ORDER, "主修技师": name}) for name in ("别的师傅", "唐建军")]
    for batch in reversed(batches):
        undo(admin_a, batch)
    assert tables.rows() == before


def test_a_place_that_is_free_again_when_the_undo_begins_is_filled(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER)
    first = intake.take_in(admin_a, ORDERS, {**ORDER, "主修技师": "别的师傅"})
    intake.take_in(admin_a, ORDERS, {**ORDER, "主修技师": "王师傅"})
    plan(admin_a, first)
    Workmanship.objects.all().delete()
    carry_out(admin_a, first)
    assert leads() == ["唐建军"]
    assert not UndoCase.objects.exists()


def test_what_would_point_to_a_row_that_is_gone_stays_and_is_listed(admin_a):
    advisor = EmployeeFactory(store=admin_a.store, name="罗雪")
    technician = EmployeeFactory(store=admin_a.store, name="唐建军")
    intake.take_in(admin_a, ORDERS, ORDER)
    batch = intake.take_in(admin_a, ORDERS, {**ORDER, "服务顾问": "江雨薇", "主修技师": "别的师傅"})
    advisor.delete()
    technician.delete()
    plan(admin_a, batch)
    assert dict(UndoCase.objects.values_list("target_type", "detail")) == {
        "customers.repairorder": {"gone": True},
        "customers.workmanship": {"gone": True},
    }
    assert carry_out(admin_a, batch).state == BatchState.UNDONE
    assert RepairOrder.objects.get().service_advisor_name == "江雨薇"


def test_rows_that_do_not_fit_any_more_are_told_one_by_one(admin_a, monkeypatch):
    monkeypatch.delattr(Workmanship, "PLACE")
    rows = [ORDER, {**ORDER, "工单号": "RO2"}]
    intake.take_in(admin_a, ORDERS, *rows)
    first = intake.take_in(admin_a, ORDERS, *[{**row, "主修技师": "别的师傅"} for row in rows])
    intake.take_in(admin_a, ORDERS, {**ORDER, "主修技师": "唐建军"})
    Workmanship.objects.filter(technician_name="别的师傅").delete()
    undo(admin_a, first)
    assert UndoCase.objects.filter(target_type="customers.workmanship", detail={"clash": True}).count() == 1
    assert leads() == ["唐建军", "唐建军"]


def test_where_another_has_taken_the_place_the_row_stays(admin_a):
    intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    later = {**CUSTOMER, "客户编号": "K2", "客户名称": "王五", "手机": "13700137000", "购车日期": "2026-05-01"}
    batch = intake.take_in(admin_a, CUSTOMERS, later)
    new = VehicleRole.objects.get(until=None)
    VehicleRole.objects.filter(pk=new.pk).update(until="2026-06-01")
    VehicleRole.objects.create(
        store=admin_a.store, vehicle=new.vehicle, customer=Customer.objects.get(number="K1"), role="owner",
        since="2026-06-02",
    )  # fmt: skip
    undo(admin_a, batch)
    assert UndoCase.objects.filter(kind="referenced", detail={"clash": True}).count() == 1
    assert VehicleRole.objects.filter(until=None).count() == 1


def test_a_forgotten_import_cannot_be_undone(admin_a):
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    batches.forget_rows(before=batch.uploaded_at + timedelta(seconds=1))
    assert not undoing.may_undo(batch)
    with pytest.raises(RuleBroken, match="90"):
        undoing.ask(batch.pk, by=admin_a.employee)


@pytest.mark.parametrize("state", ["reading", "preview", "refused", "cancelled", "undone"])
def test_only_what_was_written_is_undone(admin_a, state):
    batch = intake.look(admin_a, CUSTOMERS, CUSTOMER)
    batch.state = state
    batch.save(update_fields=["state"])
    with pytest.raises(RuleBroken):
        undoing.ask(batch.pk, by=admin_a.employee)


def test_an_undo_left_alone_changes_nothing(admin_a):
    batch = intake.take_in(admin_a, CUSTOMERS, CUSTOMER)
    before = tables.rows()
    plan(admin_a, batch)
    undoing.leave(batch.pk, by=admin_a.employee, now=NOON)
    batch.refresh_from_db()
    assert (batch.state, tables.rows()) == (BatchState.APPLIED, before)
    undo(admin_a, batch)
    assert not Customer.objects.exists()


def test_an_undo_that_is_stopped_goes_on_where_it_was(admin_a, monkeypatch):
    monkeypatch.setattr("crm_site.imports.staging.CHUNK", 1)
    monkeypatch.setattr("crm_site.imports.applying.CHUNK", 1)
    monkeypatch.setattr("crm_site.jobs.rules.REPORT_EVERY", 0)
    rows = [{**CUSTOMER, "客户编号": f"K{n}", "手机": f"1380013800{n}", "车架号(VIN)": None} for n in range(4)]
    batch = plan(admin_a, intake.take_in(admin_a, CUSTOMERS, *rows))
    undoing.confirm(batch.pk, by=admin_a.employee)
    batch.refresh_from_db()
    from crm_site.imports import undoing as work

    real = work.take_back

    def once(*args):
        Job.objects.filter(pk=batch.undo_job_id).update(cancel_requested_at=NOON)
        return real(*args)

    monkeypatch.setattr(work, "take_back", once)
    runner.run(batch.undo_job_id)
    assert Job.objects.get(pk=batch.undo_job_id).state == State.CANCELLED
    assert Customer.objects.count() == 3
    monkeypatch.setattr(work, "take_back", real)
    carry_out(admin_a, batch)
    assert (batch.state, Customer.objects.count()) == (BatchState.UNDONE, 0)


def test_an_undo_that_somebody_else_goes_on_with_is_theirs(admin_a, manager_a):
    batch = plan(admin_a, intake.take_in(admin_a, CUSTOMERS, CUSTOMER))
    undoing.confirm(batch.pk, by=admin_a.employee)
    undoing.stop(batch.pk, by=admin_a.employee, now=NOON)
    carry_out(manager_a, batch)
    assert (batch.state, batch.undone_by) == (BatchState.UNDONE, manager_a.employee)
    confirmed = Entry.objects.filter(action="import.undo_confirmed").order_by("pk")
    assert [entry.actor_id for entry in confirmed] == [admin_a.employee.pk, manager_a.employee.pk]


def test_undoing_needs_no_more_queries_for_more_rows(admin_a, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    numbers = []
    for start, count in ((100, 3), (200, 30)):
        rows = [
            {**CUSTOMER, "客户编号": f"K{n}", "客户名称": f"张{n}", "手机": f"13800138{n}", "车架号(VIN)": None}
            for n in range(start, start + count)
        ]
        batch = plan(admin_a, intake.take_in(admin_a, CUSTOMERS, *rows))
        undoing.confirm(batch.pk, by=admin_a.employee)
        batch.refresh_from_db()
        with CaptureQueriesContext(connection) as queries:
            runner.run(batch.undo_job_id)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_what_a_later_import_said_stands_and_the_undone_file_can_come_again(admin_a):
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "详细地址": "甲路 1 号"})
    second = {**CUSTOMER, "详细地址": "乙路 2 号"}
    batch = intake.take_in(admin_a, CUSTOMERS, second)
    intake.take_in(admin_a, CUSTOMERS, {**CUSTOMER, "备注": "周末来电"})
    undo(admin_a, batch)
    customer = Customer.objects.get()
    assert "甲路" in customer.address
    assert "周末来电" in customer.source_values.values()
    assert intake.verdicts(intake.take_in(admin_a, CUSTOMERS, second)) == ["changed"]

"""投诉登记表: old complaints taken over as history; own state, author and time kept, joined only for certain."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import actions, tasks
from complaints.actions import escalation
from complaints.layouts import COMPLAINTS
from complaints.models import ClockEntry, Complaint, Confirmation, Liability, State, Step
from complaints.rules import register as rules
from crm_site.core import clock
from crm_site.imports.actions import sources, undoing
from crm_site.imports.cleaning import clean_row
from crm_site.imports.models import BatchState, StagedRow, Verdict
from crm_site.imports.staging import context_of
from crm_site.jobs import runner
from crm_site.notices.models import Notice
from revisits.models import Revisit
from tests.complaints.register import REGISTER, bare, look, one, row, take_in
from tests.complaints.story import open_ticket
from tests.customers.intake import OTHER_VIN, VIN, codes, verdicts
from tests.factories import (
    DAY,
    NOON,
    ContactFactory,
    EmployeeFactory,
    PhoneFactory,
    PostingFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.imports import sheets

pytestmark = pytest.mark.django_db


@pytest.fixture
def car(store_a):
    """张三's car, known to the archive."""
    car = VehicleFactory(store=store_a, vin=VIN, plate_no="渝AD12345")
    owner = VehicleRoleFactory(vehicle=car, customer__name="张三", since=date(2024, 1, 1)).customer
    PhoneFactory(customer=owner, number="13800138001")
    return car


@pytest.fixture
def advisor(store_a):
    """罗雪, whom the register calls liable."""
    advisor = EmployeeFactory(store=store_a, name="罗雪")
    PostingFactory(employee=advisor)
    return advisor


# ---- what becomes of a line ------------------------------------------------------------------------------------------


def test_a_full_line_becomes_a_historical_ticket(admin_a, specialist_a, car, advisor):
    order = RepairOrderFactory(store=admin_a.store, order_number="RO1", vehicle=car)
    batch = take_in(admin_a, row())
    assert (batch.layout, batch.state) == ("complaints", BatchState.APPLIED)
    ticket = one()
    assert ticket.historical
    assert ticket.number == "TS2025-0001"
    assert ticket.state == State.CLOSED
    assert (ticket.kind, ticket.source, ticket.level.code, ticket.category.code, ticket.department) == (
        "complaint", "walk_in", "L2", "repair", "service",
    )  # fmt: skip
    assert (ticket.words, ticket.demand, ticket.solution, ticket.note) == (
        "空调修了两次还是有异味", "免费返修", "更换蒸发箱", "老客户",
    )  # fmt: skip
    assert (ticket.vehicle, ticket.customer.name, ticket.repair_order) == (car, "张三", order)
    assert (ticket.reported_by, ticket.reported_by_name) == (specialist_a.employee, "陈思雨")
    assert (ticket.received_on, clock.local(ticket.received_at).strftime("%H:%M")) == (date(2025, 3, 5), "14:20")
    assert clock.business_day(ticket.closed_at) == date(2025, 3, 7)
    assert (ticket.day_only, ticket.result, ticket.result_words) == (["closed_at"], "satisfied", "满意")
    liable = ticket.liabilities.get()
    assert (liable.party, liable.employee, liable.post) == ("employee", advisor, "service_advisor")
    assert liable.confirmed_at == ticket.closed_at
    assert (ticket.batch, ticket.sheet, ticket.row) == (batch, "投诉", 2)


def test_nothing_starts_for_a_line_of_an_old_register(admin_a, specialist_a, manager_a, head_a, car):
    """No clock, no escalation, no level by grave words, no confirming call, no notice but that of the import."""
    grave = row(投诉级别=None, 投诉内容="行驶中起火，要找媒体曝光", 是否闭环="否", 完成日期=None, 投诉日期="2026-09-15")
    take_in(admin_a, grave)
    tasks.tick()
    ticket = one()
    assert (ticket.level, ticket.state, ticket.due_at, ticket.legal_due_on) == (None, State.RECORDED, None, None)
    assert not ticket.is_open
    assert not Complaint.objects.open().exists()
    assert escalation.candidates(clock.now()) == []
    for table in (ClockEntry, Step, Confirmation, Revisit):
        assert not table.objects.exists()
    assert set(Notice.objects.values_list("code", flat=True)) <= {"import.ready", "import.applied"}


@pytest.mark.parametrize(
    ("cells", "state", "solved", "closed"),
    [
        ({}, State.RECORDED, None, None),
        ({"是否闭环": "否"}, State.RECORDED, None, None),
        ({"是否闭环": "处理中"}, State.RECORDED, None, None),
        ({"是否闭环": "是"}, State.CLOSED, None, None),
        ({"是否闭环": "已结案", "完成日期": "2025.3.9"}, State.CLOSED, None, date(2025, 3, 9)),
        ({"完成日期": "2025年3月9日"}, State.CLOSED, None, date(2025, 3, 9)),
        ({"完成日期": "2025-03-09", "是否闭环": "否"}, State.RECORDED, date(2025, 3, 9), None),
        ({"处理时间": "2025-03-08 9:00", "是否闭环": "是"}, State.CLOSED, date(2025, 3, 8), None),
    ],
)
def test_the_register_says_where_it_stands(admin_a, cells, state, solved, closed):
    take_in(admin_a, bare(**cells))
    ticket = one()
    days = [moment and clock.business_day(moment) for moment in (ticket.solved_at, ticket.closed_at)]
    assert (ticket.state, *days) == (state, solved, closed)


@pytest.mark.parametrize(
    ("kind", "part", "category"),
    [
        (None, None, None),
        ("repair", None, "repair"),
        (None, "product.chassis", "product.chassis"),
        ("other", "product.chassis", "product.chassis"),
        ("product", "product.chassis", "product.chassis"),
        ("sales", "product.chassis", "sales"),
        ("sales.promise", "sales", "sales.promise"),
    ],
)
def test_the_part_decides_where_the_kind_of_problem_says_less(kind, part, category):
    assert rules.category_of(kind, part) == category


@pytest.mark.parametrize(
    ("level", "kind", "becomes"),
    [
        ("轻微", None, ("L1", "grievance")),
        ("L3", None, ("L3", "complaint")),
        ("重大", None, ("L4", "complaint")),
        ("一级", None, (None, "complaint")),  # some count from the gravest
        (None, None, (None, "complaint")),
    ],
)
def test_the_level_is_the_registers_or_none(admin_a, level, kind, becomes):
    take_in(admin_a, bare(投诉级别=level))
    ticket = one()
    assert (ticket.level and ticket.level.code, ticket.kind) == becomes


def test_the_first_known_of_several_categories_counts_and_the_words_are_kept(admin_a):
    batch = take_in(admin_a, bare(投诉类别="发动机异响,变速箱顿挫"), bare(编号="B2", 投诉类别="怪味；接待态度"))
    assert one(number="B1").category.code == "product.powertrain"
    assert (one(number="B2").category.code, one(number="B2").topic) == ("service.attitude", "怪味；接待态度")
    assert "choice_first" in codes(batch)


def test_a_long_text_is_kept_whole_with_its_lines(admin_a):
    words = "第一行\n\n  第二行 " + "长" * 4_100
    batch = take_in(admin_a, bare(投诉内容=words))
    assert one().words == words
    assert "text_kept_long" in codes(batch)


def test_a_number_that_a_spreadsheet_has_rounded_is_refused(admin_a):
    batch = look(admin_a, bare(编号=20240429145554505552), bare(编号="20240429145554505553"))
    assert verdicts(batch) == [Verdict.PROBLEM, Verdict.NEW]
    assert codes(batch) & {"number_rounded", "digits_lost"}


def test_the_number_of_a_ticket_of_ours_is_refused(admin_a, specialist_a):
    ticket = open_ticket(specialist_a)
    batch = look(admin_a, bare(编号=ticket.number))
    assert verdicts(batch) == [Verdict.PROBLEM]
    assert codes(batch) >= {"ticket_here"}


def test_our_own_numbers_go_on_behind_imported_ones(admin_a, specialist_a):
    take_in(admin_a, bare(编号=f"TS-{DAY:%y%m%d}-005", 投诉日期=DAY.isoformat()))
    assert open_ticket(specialist_a).number == f"TS-{DAY:%y%m%d}-006"


def test_a_complaint_of_tomorrow_is_refused(admin_a):
    assert verdicts(look(admin_a, bare(投诉日期="2100-01-01"))) == [Verdict.PROBLEM]


def test_a_day_before_the_complaint_is_said(admin_a):
    batch = look(admin_a, bare(完成日期="2025-03-01"))
    assert verdicts(batch) == [Verdict.NEW]
    assert "ends_before_begin" in codes(batch)


# ---- who and which car -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "has_car", "has_customer", "doubt"),
    [
        ({"VIN": VIN, "客户姓名": "张三(先生)"}, True, True, ""),
        ({"VIN": VIN}, True, True, ""),
        ({"VIN": VIN, "投诉日期": "2020-01-05"}, True, False, ""),  # before anybody we know owned it
        ({"VIN": VIN, "客户姓名": "王五"}, True, False, "other_complainant"),
        ({"VIN": VIN, "客户姓名": "王五", "电话": "13800138001"}, True, True, ""),
        ({"VIN": OTHER_VIN, "车牌号": "渝AD12345", "客户姓名": "张三"}, False, False, ""),
        ({"车牌号": "渝A·D12345", "客户姓名": "张三"}, True, True, ""),
        ({"车牌号": "渝AD12345", "电话": "138 0013 8001"}, True, True, ""),
        ({"车牌号": "渝AD12345"}, False, False, "plate_only"),
        ({"车牌号": "渝AD12345", "客户姓名": "王五"}, False, False, "plate_only"),
        ({"客户姓名": "张三", "电话": "13800138001"}, False, True, ""),
        ({"客户姓名": "王五", "电话": "13800138001"}, False, False, "same_phone_other_name"),
        ({"客户姓名": "张三"}, False, False, ""),
        ({"工单号": "RO1", "客户姓名": "张三"}, True, True, ""),
        ({"工单号": "RO1", "VIN": OTHER_VIN}, False, False, "order_other_car"),
    ],
)
def test_a_line_is_joined_to_the_archive_only_for_certain(admin_a, car, cells, has_car, has_customer, doubt):
    RepairOrderFactory(store=admin_a.store, order_number="RO1", vehicle=car)
    batch = take_in(admin_a, bare(**cells))
    ticket = one()
    assert (ticket.vehicle_id is not None, ticket.customer_id is not None) == (has_car, has_customer)
    assert ticket.customer_name == (cells.get("客户姓名") or "").removesuffix("(先生)")
    found = codes(batch) & {"other_complainant", "plate_only", "same_phone_other_name", "order_other_car"}
    assert found == ({doubt} if doubt else set())


def test_a_contact_with_number_and_name_leads_to_the_card(admin_a, car):
    owner = car.roles.get().customer
    contact = ContactFactory(customer=owner, name="李四")
    PhoneFactory(customer=owner, contact=contact, number="13900139001")
    take_in(admin_a, bare(客户姓名="李四", 电话="13900139001"))
    assert one().customer == owner


def test_two_customers_of_one_number_and_name_are_not_guessed(admin_a, car):
    PhoneFactory(customer__name="张三", customer__store=admin_a.store, number="13800138001")
    take_in(admin_a, bare(客户姓名="张三", 电话="13800138001"))
    assert one().customer is None


def test_the_archive_of_another_store_is_out_of_reach(admin_a, store_b):
    VehicleRoleFactory(vehicle__store=store_b, vehicle__vin=VIN, customer__name="张三")
    take_in(admin_a, row())
    assert (one().vehicle, one().customer) == (None, None)


@pytest.mark.parametrize(
    ("written", "party", "name", "finding"),
    [
        ("罗雪", "employee", "罗雪", ""),
        ("厂家", "manufacturer", "", ""),
        ("无责任", "nobody", "", ""),
        ("部门", "department", "", ""),
        ("早已离开的人", None, "早已离开的人", "employee_unknown"),
        (None, None, "", ""),
    ],
)
def test_only_a_certain_liability_is_recorded(admin_a, advisor, written, party, name, finding):
    batch = take_in(admin_a, bare(责任人=written))
    assert list(one().liabilities.values_list("party", flat=True)) == ([party] if party else [])
    assert one().liable_name == name
    assert codes(batch) & {"employee_unknown"} == ({finding} if finding else set())


def test_a_value_is_mapped_by_the_answer_of_a_person(admin_a):
    content = sheets.workbook(("投诉", [["编号", "投诉日期", "问题类型"], ["B1", "2025-03-05", "怪味"]]))
    batch = sheets.read(admin_a, content, "投诉.xlsx", layout="complaints")
    asked = [question for question in batch.questions if question["kind"] == "value"]
    assert [question["field"] for question in asked] == ["category"]
    said = {"values": {"category": {"怪味": "product.body"}}}
    runner.run(sources.explain(batch.pk, said, by=admin_a.employee, remember=True).stage_job_id)
    batch.refresh_from_db()
    sheets.write(admin_a, batch)
    assert (one().category.code, one().topic) == ("product.body", "怪味")


# ---- the next file ---------------------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(admin_a, specialist_a, car, advisor):
    take_in(admin_a, row(), bare())
    before = list(Complaint.objects.order_by("pk").values())
    batch = look(admin_a, row(), bare())
    assert verdicts(batch) == [Verdict.UNCHANGED] * 2
    assert list(Complaint.objects.order_by("pk").values()) == before


def test_what_the_next_file_says_anew_is_changed(admin_a, specialist_a, advisor):
    take_in(admin_a, bare())
    batch = take_in(admin_a, bare(是否闭环="是", 完成日期="2025-03-20", 责任人="罗雪", 受理人="陈思雨"))
    assert verdicts(batch) == [Verdict.CHANGED]
    ticket = one()
    assert (ticket.state, ticket.version) == (State.CLOSED, 2)
    assert ticket.liabilities.get().employee == advisor
    assert ticket.reported_by == specialist_a.employee
    shown = StagedRow.objects.get(batch=batch).changes
    assert shown["state"] == ["recorded", "closed"]
    assert shown["liable_name"][1] == "罗雪"


def test_a_liability_confirmed_here_wins_over_the_next_file(admin_a, manager_a, advisor):
    other = EmployeeFactory(store=admin_a.store, name="别人")
    take_in(admin_a, bare(责任人="罗雪"))
    actions.confirm_liability(one().pk, party="employee", employee=other, by=manager_a.employee, now=NOON)
    assert verdicts(look(admin_a, bare(责任人="罗雪"))) == [Verdict.UNCHANGED]
    assert verdicts(look(admin_a, bare(责任人="厂家"))) == [Verdict.CONFLICT]
    take_in(admin_a, bare(责任人="厂家", 备注="新备注"))
    assert one().note == "新备注"
    assert one().liabilities.get().employee == other


def test_another_liable_person_in_the_next_file_replaces_the_first(admin_a, advisor):
    take_in(admin_a, bare(责任人="罗雪"))
    take_in(admin_a, bare(责任人="厂家"))
    assert Liability.objects.get().party == "manufacturer"


def test_a_car_that_has_become_known_is_joined(admin_a):
    take_in(admin_a, bare(VIN=VIN))
    car = VehicleFactory(store=admin_a.store, vin=VIN)
    batch = take_in(admin_a, bare(VIN=VIN))
    assert verdicts(batch) == [Verdict.CHANGED]
    assert one().vehicle == car


def test_the_reads_do_not_grow_with_the_rows(admin_a, car, advisor):
    """Writes are one statement too, but SQLite takes so many values at a time only."""
    counts = {count: _reads(admin_a, count) for count in (3, 30)}
    assert counts[3] == counts[30]


def _reads(person, count):
    batch = sheets.bring(person, b"x", layout="complaints")
    context = context_of(batch)
    wanted = COMPLAINTS.at(person.store)
    mapping = {place: wanted.field_of(title) for place, title in enumerate(REGISTER)}
    cells = [list(row(编号=f"Q{count}-{number}").values()) for number in range(count)]
    rows = [clean_row(wanted, mapping, each, sheet="表", number=number) for number, each in enumerate(cells, 2)]
    context.roster.resolve(wanted, rows)
    with CaptureQueriesContext(connection) as queries:
        judged = wanted.compare(context, rows)
        wanted.apply(context, judged)
    assert Complaint.objects.filter(number__startswith=f"Q{count}-").count() == count
    return sum(one["sql"].startswith("SELECT") for one in queries)


# ---- taken back ------------------------------------------------------------------------------------------------------


def _undo(person, batch):
    undoing.ask(batch.pk, by=person.employee)
    batch.refresh_from_db()
    runner.run(batch.undo_job_id)
    undoing.confirm(batch.pk, by=person.employee)
    batch.refresh_from_db()
    runner.run(batch.undo_job_id)
    batch.refresh_from_db()
    return batch


def test_an_undo_removes_what_the_register_brought(admin_a, advisor):
    batch = take_in(admin_a, row(), bare(责任人="罗雪"))
    assert _undo(admin_a, batch).state == BatchState.UNDONE
    assert not Complaint.objects.exists()
    assert not Liability.objects.exists()


def test_an_undo_gives_back_what_stood_before(admin_a, advisor):
    take_in(admin_a, row(), bare())
    before = list(Complaint.objects.order_by("pk").values())
    liable = list(Liability.objects.values())
    changed = take_in(admin_a, row(责任人="厂家", 备注="改过"), bare(是否闭环="是", 完成日期="2025-04-01"))
    assert verdicts(changed) == [Verdict.CHANGED] * 2
    _undo(admin_a, changed)
    assert _without_version(Complaint.objects.order_by("pk").values()) == _without_version(before)
    assert list(Liability.objects.values()) == liable


def _without_version(rows):
    return [{name: value for name, value in each.items() if name != "version"} for each in rows]

"""Calls of old lists: facts with their own day and author, from which nothing follows."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.imports.models import BatchState
from customers.models import Customer, Vehicle
from revisits.generator import generate
from revisits.models import CallAttempt, Channel, PastCall, Revisit
from revisits.queries.lists import attempts_of
from satisfaction.models import Response
from tests.factories import (
    DAY,
    ContactFactory,
    CustomerFactory,
    DeliveryFactory,
    EmployeeFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.imports.sheets import read, workbook, write
from tests.revisits.calls import service_task

pytestmark = pytest.mark.django_db

HEADER = [
    "回访日期", "回访人", "客户姓名", "联系电话", "车牌号", "车架号", "工单号", "回访类型", "回访方式", "回访结果",
    "满意度", "客户原话", "备注",
]  # fmt: skip
USUAL = {
    "回访日期": "2025-03-05 10:20", "回访人": "陈思雨", "客户姓名": "周晓岚", "联系电话": "13800138001",
    "回访类型": "维修三日回访", "回访方式": "电话", "回访结果": "成功", "满意度": "满意", "客户原话": "等得久了点",
    "备注": "已致歉",
}  # fmt: skip
VIN = "LGBF5AE00ER000017"


def sheet(*rows, more=()) -> bytes:
    header = [*HEADER, *more]
    return workbook(("回访", [header, *[[(USUAL | row).get(title) for title in header] for row in rows]]))


def bring(person, *rows, **more):
    return write(person, read(person, sheet(*rows, **more)))


@pytest.fixture
def known(store_a):
    """A customer whom the list means: name, number and car."""
    customer = CustomerFactory(store=store_a, name="周晓岚")
    PhoneFactory(customer=customer, number="13800138001")
    car = VehicleFactory(store=store_a, vin=VIN, plate_no="渝A12345")
    VehicleRoleFactory(vehicle=car, customer=customer, since=date(2024, 1, 1))
    return customer


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_a_list_is_recognised_and_keeps_its_own_day_and_author(admin_a, specialist_a, known):
    batch = bring(admin_a, {})
    assert (batch.layout, batch.state) == ("past_revisits", BatchState.APPLIED)
    call = PastCall.objects.get()
    assert (call.called_on, call.called_at) == (date(2025, 3, 5), clock.at(date(2025, 3, 5), 10, 20))
    assert (call.by, call.caller_name) == (specialist_a.employee, "陈思雨")
    assert (call.customer, call.customer_name, call.phone) == (known, "周晓岚", "13800138001")
    assert (call.kind, call.channel, call.result.code, call.result_text) == (
        "维修三日回访", Channel.PHONE, "SUCCESS", "成功",
    )  # fmt: skip
    assert (call.score_text, call.words, call.note) == ("满意", "等得久了点", "已致歉")
    assert (call.batch, call.row, batch.applied_by) == (batch, 2, admin_a.employee)


def test_an_author_whom_nobody_knows_stays_as_text(admin_a):
    bring(admin_a, {"回访人": "离职的小王"})
    assert (PastCall.objects.get().by, PastCall.objects.get().caller_name) == (None, "离职的小王")


@pytest.mark.parametrize(
    ("written", "code", "own"),
    [("无人接听", "NO_ANSWER", "无人接听"), ("接通-拒访", "REFUSED", "接通-拒访"), ("空号", "VACANT", "空号"),
     ("不满意", "SUCCESS", "不满意"), ("Completed", "SUCCESS", "Completed"), ("改约", "RESCHED", "改约"),
     ("神秘结果", None, "神秘结果"), ("", None, "")],
)  # fmt: skip
def test_results_are_told_by_their_words_and_the_words_are_kept(admin_a, written, code, own):
    bring(admin_a, {"回访结果": written})
    call = PastCall.objects.get()
    assert (call.result.code if call.result else None, call.result_text) == (code, own)


def test_a_call_known_by_its_day_only_has_no_time(admin_a):
    bring(admin_a, {"回访日期": "2025年3月5日"})
    assert (PastCall.objects.get().called_on, PastCall.objects.get().called_at) == (date(2025, 3, 5), None)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"回访日期": ""}, "required"),
        ({"回访日期": "2099-01-01"}, "date_future"),
        ({"回访日期": "5/3/2025"}, "date_ambiguous"),
        ({"客户姓名": "", "联系电话": ""}, "past_to_whom"),
    ],
)
def test_a_row_that_cannot_be_a_call_is_refused(admin_a, values, code):
    (staged,) = read(admin_a, sheet(values)).rows.all()
    assert (staged.verdict, code in [found["code"] for found in staged.findings]) == ("problem", True)


# ---- whom it is about ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "is_linked"),
    [
        ({}, True),  # number and name
        ({"客户姓名": ""}, True),  # the number of one customer only
        ({"客户姓名": "周晓岚女士"}, True),
        ({"客户姓名": "别人"}, False),
        ({"联系电话": "13900139999"}, False),  # a name alone
        ({"联系电话": "", "车架号": VIN}, True),
        ({"联系电话": "", "客户姓名": "", "车架号": VIN}, True),
        ({"联系电话": "", "客户姓名": "别人", "车架号": VIN}, False),
        ({"联系电话": "", "车牌号": "渝A12345"}, True),  # plate and name
        ({"联系电话": "", "客户姓名": "", "车牌号": "渝A12345"}, False),  # a plate proves nothing
        ({"联系电话": "", "车架号": VIN, "客户姓名": "", "回访日期": "2023-05-01"}, False),  # before he had the car
        ({"客户姓名": "送修人李四"}, True),  # the contact who answers
    ],
)
def test_a_call_is_linked_only_to_whom_it_was_made_for_certain(admin_a, known, values, is_linked):
    contact = ContactFactory(customer=known, name="送修人李四")
    Customer.objects.filter(pk=known.pk).first().phones.update(contact=contact if "李四" in str(values) else None)
    bring(admin_a, values)
    assert PastCall.objects.get().customer == (known if is_linked else None)


def test_an_order_number_leads_to_car_and_order_unless_another_car_is_named(admin_a, known):
    order = RepairOrderFactory(store=admin_a.store, vehicle=Vehicle.objects.get(), customer=known, order_number="RO77")
    bring(admin_a, {"工单号": "RO77"}, {"工单号": "RO77", "车架号": "LSVAA4180E2000024", "回访日期": "2025-03-06"})
    mine, other = PastCall.objects.order_by("called_on")
    assert (mine.repair_order, mine.vehicle, mine.customer) == (order, order.vehicle, known)
    assert other.order_number == "RO77"
    assert other.vin == "LSVAA4180E2000024"


def test_nothing_is_added_to_the_archive(admin_a):
    bring(admin_a, {}, {"车架号": VIN, "回访日期": "2025-04-01"})
    assert not Customer.objects.exists()
    assert not Vehicle.objects.exists()
    assert PastCall.objects.filter(customer=None).count() == 2


def test_somebody_who_has_come_since_is_linked_when_the_list_comes_again(admin_a, store_a):
    bring(admin_a, {})
    customer = CustomerFactory(store=store_a, name="周晓岚")
    PhoneFactory(customer=customer, number="13800138001")
    batch = bring(admin_a, {})
    assert batch.counts["changed"] == 1
    assert PastCall.objects.get().customer == customer


# ---- once ------------------------------------------------------------------------------------------------------------


def test_the_same_list_again_changes_nothing(admin_a, known):
    rows = [{}, {"回访日期": "2025-03-06"}, {"回访人": "冉月"}]
    bring(admin_a, *rows)
    assert read(admin_a, sheet(*rows)).counts["unchanged"] == 3
    assert PastCall.objects.count() == 3


def test_a_list_that_says_more_changes_the_call(admin_a):
    bring(admin_a, {"备注": ""})
    batch = bring(admin_a, {"备注": "已补发礼品"})
    assert (batch.counts["changed"], PastCall.objects.get().note) == (1, "已补发礼品")
    assert batch.chunks.get().updated["revisits.pastcall"][str(PastCall.objects.get().pk)]["note"] == ["", "已补发礼品"]


def test_two_calls_of_one_day_differ_by_what_they_were_about(admin_a):
    day = {"回访日期": "2025-03-05"}
    batch = bring(admin_a, day, day | {"回访类型": "投诉回访"})
    assert (batch.counts["new"], PastCall.objects.count()) == (2, 2)


def test_a_number_of_its_own_makes_a_call_known(admin_a):
    more = ["回访编号"]
    bring(admin_a, {"回访编号": "HF001"}, more=more)
    assert read(admin_a, sheet({"回访编号": "HF001", "联系电话": "13900139999"}, more=more)).counts["changed"] == 1


# ---- without effect --------------------------------------------------------------------------------------------------


def test_a_past_call_makes_no_task_no_attempt_no_answer_and_stands_in_no_count(admin_a, specialist_a, store_a, known):
    bring(admin_a, {"回访日期": f"{DAY:%Y-%m-%d} 10:00"})
    assert not CallAttempt.objects.exists()
    assert not Response.objects.exists()
    run = generate(store_a.pk, DAY)
    assert (run.made, Revisit.objects.count()) == (0, 0)
    assert attempts_of(specialist_a.user, DAY) == (0, 0)


def test_a_past_call_does_not_shorten_the_form_of_the_next_one(admin_a, store_a, known):
    bring(admin_a, {"回访日期": f"{DAY - timedelta(days=5):%Y-%m-%d}"})
    DeliveryFactory(store=store_a, vehicle=VehicleFactory(store=store_a), customer=known)
    generate(store_a.pk, DAY)
    task = Revisit.objects.get(rule__code="DLV_D3")
    assert (task.state, task.questionnaire_version.questionnaire.code) == ("due", "SSI")


# ---- where it is seen ------------------------------------------------------------------------------------------------


def test_the_card_tells_a_past_call_with_author_and_importer_apart(admin_a, specialist_a, manager_a, known, as_):
    bring(admin_a, {})
    page = as_(manager_a).get(reverse("customers:card", args=[known.pk])).content.decode()
    assert "维修三日回访（历史）" in page
    assert "等得久了点" in page
    assert "由 段文 导入" in page


def test_the_call_page_tells_past_calls_among_the_story(admin_a, specialist_a, store_a, known, as_):
    bring(admin_a, {})
    task = service_task(store_a, customer=known)
    client = as_(specialist_a)
    client.post(reverse("revisits:open", args=[task.pk]))
    assert (
        reverse("revisits:story", args=[task.pk])
        in client.get(reverse("revisits:call", args=[task.pk])).content.decode()
    )
    assert "维修三日回访（历史）" in client.get(reverse("revisits:story", args=[task.pk])).content.decode()


def test_the_list_shows_masked_numbers_and_filters_by_card_and_result(admin_a, manager_a, known, as_):
    bring(admin_a, {}, {"客户姓名": "生面孔", "联系电话": "13900139999", "回访结果": "空号"})
    client = as_(manager_a)
    page = client.get(reverse("revisits:past")).content.decode()
    assert "13800138001" not in page
    assert "138****8001" in page
    without = client.get(reverse("revisits:past"), {"known": "no"}).content.decode()
    assert "生面孔" in without
    assert "周晓岚" not in without
    assert "生面孔" in client.get(reverse("revisits:past"), {"result": "VACANT"}).content.decode()
    assert "没有符合条件" in client.get(reverse("revisits:past"), {"month": "2020-01"}).content.decode()


def test_a_stranger_and_a_colleague_of_the_frontline_see_no_past_call(admin_a, stranger_b, frontline_a, known, as_):
    bring(admin_a, {})
    for person in (stranger_b, frontline_a):
        assert "周晓岚" not in as_(person).get(reverse("revisits:past")).content.decode()
    PastCall.objects.update(by=frontline_a.employee)
    assert "周晓岚" in as_(frontline_a).get(reverse("revisits:past")).content.decode()


def test_a_restricted_customer_is_not_on_the_list_of_those_who_may_not_see_the_card(admin_a, specialist_a, known, as_):
    bring(admin_a, {})
    Customer.objects.update(restricted=True)
    assert "周晓岚" not in as_(specialist_a).get(reverse("revisits:past")).content.decode()
    assert "周晓岚" in as_(admin_a).get(reverse("revisits:past")).content.decode()


# ---- queries ---------------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_rows(admin_a, manager_a, known, as_):
    EmployeeFactory(store=admin_a.store, name="陈思雨")
    writing, showing = [], []
    client = as_(manager_a)
    for number in (3, 30):
        rows = [{"回访日期": f"2025-03-{number:02d} 10:{minute:02d}"} for minute in range(number)]
        batch = read(admin_a, sheet(*rows))
        with CaptureQueriesContext(connection) as queries:
            write(admin_a, batch)
        writing.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("revisits:past"))
        showing.append(len(queries))
    assert writing[0] == writing[1]
    assert showing[0] == showing[1]

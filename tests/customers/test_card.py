"""The card itself: how complete it is, its facts as one sees them, its history under tabs, and its paper."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.files.models import StoredFile
from crm_site.imports.models import BatchState, ImportBatch
from customers.actions import cards, numbers
from customers.actions import profile as acts
from customers.models import Customer, ProfileField, ProfileRefusal
from tests.factories import (
    NOON,
    ContactBanFactory,
    ContactFactory,
    CustomerFactory,
    DeliveryFactory,
    EmployeeFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db
OK, NOT_FOUND = 200, 404


@pytest.fixture
def zhou(store_a):
    customer = CustomerFactory(
        store=store_a, name="周晓岚", city="重庆市", province="重庆市", address="金开大道 88 号", number="C-0018427"
    )
    PhoneFactory(customer=customer, number="13812342046")
    car = VehicleFactory(store=store_a, plate_no="渝AD12345", vin="LSVAA4180E2004217")
    VehicleRoleFactory(vehicle=car, customer=customer)
    return customer


def url(name, customer, **query):
    return reverse(f"customers:{name}", args=[customer.pk], query=query)


def _batch(store, name):
    """An applied file of this name."""
    file = StoredFile.objects.create(
        store=store, purpose="import", capability="imports.run", name=name, path=f"{uuid.uuid4()}",
        content_type="text/csv", size=1, sha256="0" * 64, created_at=NOON,
    )  # fmt: skip
    return ImportBatch.objects.create(
        store=store, layout="deliveries", file=file, uploaded_by=EmployeeFactory(store=store), uploaded_at=NOON,
        submission=uuid.uuid4(), state=BatchState.APPLIED,
    )  # fmt: skip


def page(client, customer, name="card", **query):
    answer = client.get(url(name, customer, **query))
    assert answer.status_code == OK
    return answer


def texts(groups):
    return {row["term"]: row["text"] for group in groups for row in group["rows"]}


# ---- how complete ---------------------------------------------------------------------------------------------------


def test_the_meter_names_what_is_missing_and_what_the_next_call_asks(as_, specialist_a, zhou):
    meter = page(as_(specialist_a), zhou).context["meter"]
    asked_next = [one["label"] for one in meter["missing"] if one["is_next"]]
    assert asked_next == ["保险到期日", "平时谁开这辆车"]
    assert meter["count"] == meter["asked"] - meter["filled"]
    assert len(meter["missing"]) + meter["more"] == meter["count"]


def test_what_the_customer_would_not_say_is_missing_but_not_asked_next(as_, specialist_a, zhou):
    ProfileRefusal.objects.create(
        store=zhou.store, customer=zhou, field="insurance_until", asked_on=clock.today() - timedelta(days=1)
    )
    meter = page(as_(specialist_a), zhou).context["meter"]
    assert {one["label"]: one["is_next"] for one in meter["missing"]}["保险到期日"] is False
    assert [one["label"] for one in meter["missing"] if one["is_next"]] == ["平时谁开这辆车", "偏好联系时段"]


def test_without_anything_that_counts_there_is_no_meter(as_, specialist_a, zhou):
    ProfileField.objects.update(counts=False)
    answer = page(as_(specialist_a), zhou)
    assert answer.context["meter"] is None
    assert "档案完整率" not in answer.content.decode()


# ---- facts ----------------------------------------------------------------------------------------------------------


def test_facts_stand_in_their_groups_and_empty_groups_in_one_line(as_, specialist_a, zhou):
    acts.set_values(zhou.pk, {"pets": "两只猫", "next_car_plan": "half"}, {}, specialist_a.employee)
    facts = page(as_(specialist_a), zhou).context["facts"]
    assert [group["title"] for group in facts["groups"]] == ["基本", "消费", "生活"]
    assert facts["empty"] == ["事业", "教育", "个性", "人际"]
    told = texts(facts["groups"])
    assert (told["地区"], told["宠物"], told["换购计划"]) == ("重庆市", "两只猫", "半年内")


def test_intimate_facts_are_folded_apart(as_, specialist_a, zhou):
    ProfileField.objects.filter(code="children").update(is_on=True)
    acts.set_values(zhou.pk, {"children": "两个女儿"}, {}, specialist_a.employee)
    facts = page(as_(specialist_a), zhou).context["facts"]
    assert [row["text"] for row in facts["intimate"]] == ["两个女儿"]
    assert "子女情况" not in texts(facts["groups"])


def test_a_fact_that_was_switched_off_is_kept_but_not_shown(as_, specialist_a, zhou):
    acts.set_values(zhou.pk, {"pets": "两只猫"}, {}, specialist_a.employee)
    ProfileField.objects.filter(code="pets").update(is_on=False)
    assert "两只猫" not in page(as_(specialist_a), zhou).content.decode()
    ProfileField.objects.filter(code="pets").update(is_on=True)
    assert "两只猫" in page(as_(specialist_a), zhou).content.decode()


@pytest.mark.parametrize("name", ["card", "paper"])
def test_masked_facts_are_masked_on_screen_and_on_paper(as_, frontline_a, specialist_a, zhou, name):
    Customer.objects.filter(pk=zhou.pk).update(birthday="1985-05-16", note="另一个号 13912345678")
    hidden = page(as_(frontline_a), zhou, name).content.decode()
    for secret in ("金开大道 88 号", "1985-05-16", "13812342046", "13912345678", "LSVAA4180E2004217"):
        assert secret not in hidden
    assert "138****2046" in hidden
    assert "金开大道 88 号" in page(as_(specialist_a), zhou, name).content.decode()


def test_an_enterprise_has_its_own_groups(as_, specialist_a, store_a):
    firm = CustomerFactory(store=store_a, name="渝安物流有限公司", customer_type="org")
    acts.set_values(firm.pk, {"org_leader_name": "邹志强", "org_size": "m"}, {}, specialist_a.employee)
    facts = page(as_(specialist_a), firm).context["facts"]
    assert [group["title"] for group in facts["groups"]] == ["基本信息", "客户特征", "负责人"]
    assert texts(facts["groups"])["负责人姓名"] == "邹志强"


# ---- what happened --------------------------------------------------------------------------------------------------


def test_tabs_divide_the_history_and_count_it(as_, specialist_a, zhou):
    car = zhou.vehicle_roles.get().vehicle
    DeliveryFactory(vehicle=car, customer=zhou)
    RepairOrderFactory(vehicle=car, customer=zhou, order_number="RO-1117-0063")
    cards.edit_customer(zhou.pk, values={"city": "成都市"}, seen={}, by=specialist_a.employee, now=clock.now())
    client = as_(specialist_a)
    events = page(client, zhou).context["events"]
    counts = {tab["label"]: tab["count"] for tab in events["tabs"]}
    assert counts == {"全部": 3, "回访": 0, "维修": 2, "投诉": 0, "变更": 1}
    shown = page(client, zhou, show="changes").context["events"]
    assert [event.title for event in shown["rows"]] == ["资料更正"]
    assert "RO-1117-0063" in page(client, zhou, show="workshop").content.decode()
    assert page(client, zhou, show="nonsense").context["events"]["tab"] == ""


def test_a_corrected_number_is_told_masked_old_and_new(as_, manager_a, zhou):
    phone = zhou.phones.get()
    numbers.edit_phone(phone.pk, values={"number": "13812342064"}, seen={}, first=True, by=manager_a.employee)
    events = page(as_(manager_a), zhou, show="changes").context["events"]["rows"]
    assert events[0].changes == (("电话", "138****2046", "138****2064"),)


def test_what_was_corrected_twice_tells_each_step(as_, specialist_a, zhou):
    for city in ("成都市", "北京市"):
        cards.edit_customer(zhou.pk, values={"city": city}, seen={}, by=specialist_a.employee, now=clock.now())
    events = page(as_(specialist_a), zhou, show="changes").context["events"]["rows"]
    assert [event.changes for event in events] == [(("市", "成都市", "北京市"),), (("市", "重庆市", "成都市"),)]


def test_what_came_from_a_list_names_the_file_and_the_row(as_, specialist_a, zhou):
    batch = _batch(zhou.store, "交车明细 3 月.xlsx")
    DeliveryFactory(vehicle=zhou.vehicle_roles.get().vehicle, customer=zhou, batch=batch, sheet="交车", row=57)
    Customer.objects.filter(pk=zhou.pk).update(batch=batch, sheet="交车", row=57)
    events = page(as_(specialist_a), zhou).context["events"]["rows"]
    assert {event.title for event in events if "来自 交车明细 3 月.xlsx 第 57 行" in event.body} == {
        "交车",
        "由名单导入建档",
    }


# ---- paper ----------------------------------------------------------------------------------------------------------


def test_the_paper_says_who_printed_it_and_holds_the_card(as_, specialist_a, zhou):
    ContactFactory(customer=zhou, name="周庆")
    ContactBanFactory(customer=zhou)
    RepairOrderFactory(vehicle=zhou.vehicle_roles.get().vehicle, customer=zhou, items="更换前刹车片")
    text = page(as_(specialist_a), zhou, "paper").content.decode()
    for word in ("客户档案卡", "周晓岚", "C-0018427", "周庆", "渝AD12345", "…004217", "更换前刹车片", "陈思雨 打印于"):
        assert word in text


def test_a_stranger_s_paper_is_404(as_, stranger_b, zhou):
    assert as_(stranger_b).get(url("paper", zhou)).status_code == NOT_FOUND


# ---- how many queries -----------------------------------------------------------------------------------------------


def _grow(customer, by, count):
    """So many more of everything that a card shows."""
    for number in range(count):
        car = VehicleFactory(store=customer.store)
        VehicleRoleFactory(vehicle=car, customer=customer)
        RepairOrderFactory(vehicle=car, customer=customer)
        PhoneFactory(customer=customer, contact=ContactFactory(customer=customer))
        cards.edit_customer(customer.pk, values={"city": f"城{number}"}, seen={}, by=by, now=clock.now())


@pytest.mark.parametrize(("name", "query"), [("card", {}), ("card", {"show": "workshop"}), ("paper", {}), ("edit", {})])
def test_a_fuller_card_takes_no_more_queries(as_, specialist_a, store_a, name, query):
    client = as_(specialist_a)

    def cost(count):
        customer = CustomerFactory(store=store_a)
        _grow(customer, specialist_a.employee, count)
        acts.set_values(
            customer.pk, dict.fromkeys(("pets", "sports", "school")[:count], "有"), {}, specialist_a.employee
        )
        page(client, customer, name, **query)
        with CaptureQueriesContext(connection) as seen:
            page(client, customer, name, **query)
        return len(seen)

    assert cost(2) == cost(12)

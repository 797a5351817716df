"""The pages of the archive: who gets in, what is masked, what is found, and that more rows cost no more queries."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core import clock
from customers import search
from customers.models import ContactBan, Customer, Phone, VehicleRole
from tests.cast import make_person
from tests.factories import (
    ContactFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db

OK, FORBIDDEN, NOT_FOUND, INVALID = 200, 403, 404, 422
NUMBER = "13800138001"
FULL_NUMBER = re.compile(r"1[3-9]\d{9}")


@pytest.fixture
def zhang(store_a):
    """张三 with a number, a contact, a car, a delivery and a visit, found by search."""
    customer = CustomerFactory(store=store_a, name="张三", number="K1", city="重庆市")
    PhoneFactory(customer=customer, number=NUMBER)
    contact = ContactFactory(customer=customer, name="周庆")
    PhoneFactory(customer=customer, contact=contact, number="13900139002", rank=2)
    car = VehicleFactory(store=store_a, plate_no="渝AD12345", vin="LSVAA4180E2004202")
    VehicleRoleFactory(vehicle=car, customer=customer)
    DeliveryFactory(vehicle=car, customer=customer)
    RepairOrderFactory(vehicle=car, customer=customer, items="更换前刹车片")
    search.refresh([customer.pk])
    return customer


def url(name, *args):
    return reverse(f"customers:{name}", args=args)


def text(answer) -> str:
    return answer.content.decode()


# ---- the list and the search ----------------------------------------------------------------------------------------


def test_the_list_shows_customers_with_masked_numbers(as_, manager_a, zhang):
    page = text(as_(manager_a).get(url("list")))
    assert "张三" in page
    assert "138****8001" in page
    assert "渝AD12345" in page


def test_a_stranger_sees_none_of_them(as_, stranger_b, zhang):
    client = as_(stranger_b)
    assert "张三" not in text(client.get(url("list")))
    assert client.get(url("card", zhang.pk)).status_code == NOT_FOUND
    assert not client.post(url("find"), {"q": "张三"}).context["rows"]


@pytest.fixture
def others(store_a):
    """公司 without a number, and 李四 whose number is bad and who wants no contact."""
    CustomerFactory(store=store_a, name="公司", customer_type="org")
    other = CustomerFactory(store=store_a, name="李四")
    PhoneFactory(customer=other, bad_since=clock.today())
    ContactBan.objects.create(store=store_a, customer=other, purpose="all", since=clock.today())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("type=org", {"公司"}),
        ("type=person", {"张三", "李四"}),
        ("series=远岚", {"张三"}),
        ("number=none", {"公司", "李四"}),
        ("ban=any", {"李四"}),
        ("restricted=yes", set()),
        ("colour=red", {"张三", "李四", "公司"}),
        ("type=nonsense", set()),
    ],
)
@pytest.mark.usefixtures("zhang", "others")
def test_filters_hold_codes(as_, manager_a, query, names):
    page = as_(manager_a).get(f"{url('list')}?{query}")
    assert {row["customer"].name for row in page.context["rows"]} == names


def test_an_empty_list_says_what_to_do(as_, admin_a):
    assert "还没有客户" in text(as_(admin_a).get(url("list")))


def test_long_lists_have_pages(as_, manager_a, store_a):
    CustomerFactory.create_batch(55, store=store_a)
    client = as_(manager_a)
    first = client.get(url("list"))
    second = client.get(first.context["next_url"])
    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 5)


def test_one_hit_opens_the_card(as_, specialist_a, zhang):
    answer = as_(specialist_a).post(url("find"), {"q": "8001"})
    assert answer["Location"] == url("card", zhang.pk)


def test_several_hits_are_listed_with_why(as_, specialist_a, zhang, store_a):
    other = CustomerFactory(store=store_a, name="张三丰")
    search.refresh([other.pk])
    page = text(as_(specialist_a).post(url("find"), {"q": "张三"}))
    assert "张三丰" in page
    assert "姓名" in page


@pytest.mark.parametrize("typed", ["", "不存在", "'; --", "<b>", "\x00"])
def test_nothing_found_says_what_to_try(as_, specialist_a, zhang, typed):
    answer = as_(specialist_a).post(url("find"), {"q": typed})
    assert answer.status_code == OK
    assert "车架号后 6 位" in text(answer)
    assert "<b></h1>" not in text(answer)


def test_a_typed_search_stands_in_no_address(as_, specialist_a, zhang, store_a):
    search.refresh([CustomerFactory(store=store_a, name="张三丰").pk])
    page = text(as_(specialist_a).post(url("find"), {"q": "张三"}))
    assert not re.search(r'(href|action)="[^"]*(张|%E5%BC%A0)', page)


# ---- the card -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", ["specialist", "frontline", "head", "manager", "admin", "director"])
def test_no_page_shows_a_full_number_or_vin_to_anybody(as_, store_a, zhang, role, language):
    client = as_(make_person(store_a, role, f"某{role}"), language)
    pages = [client.get(url("card", zhang.pk)), client.get(url("list")), client.post(url("find"), {"q": "zhou"})]
    if role in {"specialist", "manager", "admin"}:
        pages += [client.get(url("phone", phone.pk)) for phone in zhang.phones.all()]
        pages += [client.get(url("edit", zhang.pk)), client.get(url("phone_new", zhang.pk))]
    for page in pages:
        if page.status_code == OK:
            assert not FULL_NUMBER.search(text(page))
            assert "LSVAA4180E2004202" not in text(page)


def test_the_card_tells_everything(as_, specialist_a, zhang):
    page = text(as_(specialist_a).get(url("card", zhang.pk)))
    for word in ("张三", "重庆市", "渝A·D12345", "…004202", "更换前刹车片", "周庆", "138****8001", "139****9002"):
        assert word in page


def test_the_card_tells_corrections_old_and_new_and_the_trail_by_name_only(as_, specialist_a, zhang):
    client = as_(specialist_a)
    form = client.get(url("edit", zhang.pk)).context["form"]
    client.post(url("edit", zhang.pk), sent(form, city="成都市", occupation="教师"))
    events = client.get(url("card", zhang.pk)).context["events"]["rows"]
    event = next(event for event in events if event.title == "资料更正")
    assert event.changes == (("市", "重庆市", "成都市"),)
    assert event.body == f"职业 · {specialist_a.employee.name}"
    assert "成都市" not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_a_restricted_card_is_there_for_managers_and_administrators_only(as_, manager_a, admin_a, specialist_a, zhang):
    as_(manager_a).post(url("restrict", zhang.pk), {"reason": "客户书面申请"})
    for person, status in ((manager_a, OK), (admin_a, OK), (specialist_a, NOT_FOUND)):
        assert as_(person).get(url("card", zhang.pk)).status_code == status
    assert as_(specialist_a).post(url("reveal", zhang.pk)).status_code == NOT_FOUND
    assert "张三" not in text(as_(specialist_a).get(url("list")))
    assert "停止使用" in text(as_(manager_a).get(url("card", zhang.pk)))
    assert as_(specialist_a).get(url("restrict", zhang.pk)).status_code == FORBIDDEN


# ---- changing -------------------------------------------------------------------------------------------------------


def sent(form, **changed):
    """What the browser sends back for a rendered form."""
    values = {field.name: field.value() for field in form}
    plain = {name: "" if value in (None, False) else value for name, value in values.items()}
    return {**plain, **changed}


def test_the_second_of_two_editors_sees_both_values_and_may_decide(as_, specialist_a, manager_a, zhang):
    first, second = as_(specialist_a), as_(manager_a)
    address = url("edit", zhang.pk)
    form_a, form_b = first.get(address).context["form"], second.get(address).context["form"]
    first.post(address, sent(form_a, city="成都市"))
    refused = second.post(address, sent(form_b, city="北京市", note="周末打"))
    assert refused.status_code == INVALID
    assert "成都市" in text(refused)
    assert "北京市" in text(refused)
    assert "周末打" in text(refused)
    zhang.refresh_from_db()
    assert (zhang.city, zhang.note) == ("成都市", "")
    again = second.post(address, sent(refused.context["form"]))
    assert again.status_code == 302
    zhang.refresh_from_db()
    assert (zhang.city, zhang.note) == ("北京市", "周末打")


def test_two_editors_of_different_fields_do_not_meet(as_, specialist_a, manager_a, zhang):
    first, second = as_(specialist_a), as_(manager_a)
    address = url("edit", zhang.pk)
    form_a, form_b = first.get(address).context["form"], second.get(address).context["form"]
    first.post(address, sent(form_a, city="成都市"))
    second.post(address, sent(form_b, birthday="1985-05-16"))
    zhang.refresh_from_db()
    assert (zhang.city, zhang.birthday.isoformat()) == ("成都市", "1985-05-16")


def test_extra_fields_change_nothing(as_, specialist_a, zhang, store_b):
    client = as_(specialist_a)
    form = client.get(url("edit", zhang.pk)).context["form"]
    client.post(
        url("edit", zhang.pk), sent(form, store=store_b.pk, restricted="1", created_at="2020-01-01", city="成都市")
    )
    zhang.refresh_from_db()
    assert (zhang.city, zhang.restricted, zhang.store_id != store_b.pk) == ("成都市", False, True)


def test_a_new_card_is_made_once_and_shown(as_, specialist_a):
    client = as_(specialist_a)
    form = client.get(url("new")).context["form"]
    typed = {"name": "王 五(先生)", "phone": "+86 138-0013-8009", "customer_type": "person"}
    data = sent(form, **typed, submission=uuid.uuid4(), store=specialist_a.store.pk)
    answers = [client.post(url("new"), data) for _click in range(2)]
    made = Customer.objects.get()
    assert {answer["Location"] for answer in answers} == {url("card", made.pk)}
    assert (made.name, made.phones.get().number) == ("王五", "13800138009")


def test_a_card_in_another_store_cannot_be_made(as_, specialist_a, store_b):
    client = as_(specialist_a)
    form = client.get(url("new")).context["form"]
    answer = client.post(url("new"), sent(form, name="王五", store=store_b.pk))
    assert answer.status_code == INVALID
    assert not Customer.objects.exists()


def test_bad_input_keeps_what_was_typed(as_, specialist_a, zhang):
    answer = as_(specialist_a).post(url("contact_new", zhang.pk), {"name": "李四", "phone": "12", "identity": "driver"})
    assert answer.status_code == INVALID
    assert 'value="李四"' in text(answer)
    assert 'value="12"' in text(answer)


MADE = {
    "phone_new": (
        {"number": "13700137000", "kind": "mobile", "first": "on"},
        lambda: Phone.objects.get(rank=1).number == "13700137000",
    ),
    "contact_new": (
        {"name": "李四", "identity": "driver", "phone": "13700137000"},
        lambda: Phone.objects.get(number="13700137000").contact.name == "李四",
    ),
    "vehicle_new": (
        {"vin": "LSVAA4180E2004216", "role": "driver"},
        lambda: VehicleRole.objects.get(role="driver").vehicle.vin == "LSVAA4180E2004216",
    ),
    "ban_new": (
        {"purpose": "marketing", "channel": "all", "since": "2026-09-16", "reason": "不想接"},
        lambda: ContactBan.objects.get().reason == "不想接",
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_what_a_form_of_the_card_makes(as_, specialist_a, zhang, name):
    client, (data, is_made) = as_(specialist_a), MADE[name]
    assert client.get(url(name, zhang.pk)).status_code == OK
    answer = client.post(url(name, zhang.pk), data)
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert is_made()
    assert client.get(url("card", zhang.pk)).status_code == OK


def test_a_number_is_corrected_without_showing_the_old_one(as_, specialist_a, zhang):
    client, phone = as_(specialist_a), zhang.phones.first()
    assert client.post(url("phone", phone.pk), {"number": "", "kind": "work", "first": "on"}).status_code == 302
    phone.refresh_from_db()
    assert (phone.number, phone.kind) == (NUMBER, "work")
    client.post(url("phone", phone.pk), {"number": "13700137000", "kind": "work"})
    phone.refresh_from_db()
    assert phone.number == "13700137000"


def test_a_number_is_marked_bad_and_good_again_and_removed(as_, specialist_a, zhang):
    client, phone = as_(specialist_a), zhang.phones.first()
    client.post(url("phone_state", phone.pk), {"good": "0"})
    phone.refresh_from_db()
    assert phone.bad_since == clock.today()
    client.post(url("phone_state", phone.pk), {"good": "1"})
    phone.refresh_from_db()
    assert phone.bad_since is None
    client.post(url("phone_remove", phone.pk))
    assert not zhang.phones.filter(pk=phone.pk).exists()


def test_a_car_is_corrected_sold_and_given_roles(as_, specialist_a, zhang):
    client, car = as_(specialist_a), zhang.vehicle_roles.get().vehicle
    address = url("vehicle", zhang.pk, car.pk)
    client.post(address, sent(client.get(address).context["form"], plate_no="渝B 7Q219"))
    client.post(url("vehicle_state", zhang.pk, car.pk), {"state": "sold"})
    car.refresh_from_db()
    assert (car.plate_no, car.state) == ("渝B7Q219", "sold")
    contact = zhang.contacts.get()
    client.post(url("role_new", zhang.pk, car.pk), {"who": contact.pk, "role": "driver"})
    role = VehicleRole.objects.get(role="driver")
    assert role.contact == contact
    client.post(url("role_end", role.pk), {"until": clock.today().isoformat()})
    role.refresh_from_db()
    assert role.until == clock.today()


def test_a_car_of_somebody_else_is_not_reached_through_ones_card(as_, specialist_a, zhang, store_a):
    other = VehicleFactory(store=store_a)
    assert as_(specialist_a).get(url("vehicle", zhang.pk, other.pk)).status_code == NOT_FOUND


def test_a_wish_is_shown_and_lifted(as_, specialist_a, zhang):
    client = as_(specialist_a)
    ban = ContactBan.objects.create(store=zhang.store, customer=zhang, purpose="marketing", since=clock.today())
    assert url("ban_lift", ban.pk) in text(client.get(url("card", zhang.pk)))
    client.post(url("ban_lift", ban.pk))
    ban.refresh_from_db()
    assert ban.lifted_by == specialist_a.employee


@pytest.mark.parametrize("role", ["frontline", "head", "director"])
def test_who_may_not_edit_gets_no_way_to(as_, store_a, zhang, role):
    client = as_(make_person(store_a, role, "某人"))
    assert client.get(url("edit", zhang.pk)).status_code == FORBIDDEN
    assert "/edit/" not in text(client.get(url("card", zhang.pk)))
    assert client.post(url("phone_remove", zhang.phones.first().pk)).status_code == FORBIDDEN
    assert zhang.phones.count() == 2


# ---- query counts ---------------------------------------------------------------------------------------------------


def cost(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == OK
    return len(queries)


def test_a_longer_list_costs_no_more_queries(as_, manager_a, store_a):
    client = as_(manager_a)

    def grow(count):
        for _number in range(count):
            role = VehicleRoleFactory(vehicle__store=store_a)
            PhoneFactory(customer=role.customer)
        return cost(client, url("list"))

    assert grow(3) == grow(30)


def test_a_fuller_card_costs_no_more_queries(as_, manager_a, zhang, store_a):
    client = as_(manager_a)

    def grow(count):
        for number in range(count):
            car = VehicleRoleFactory(vehicle__store=store_a, customer=zhang).vehicle
            RepairOrderFactory(vehicle=car, customer=zhang)
            DeliveryFactory(vehicle=car, customer=zhang, delivered_on=clock.today() - timedelta(days=number))
            contact = ContactFactory(customer=zhang)
            PhoneFactory(customer=zhang, contact=contact)
        return cost(client, f"{url('card', zhang.pk)}?all=orders")

    assert grow(3) == grow(30)

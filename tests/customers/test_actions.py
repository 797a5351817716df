"""Changing the archive by hand: each change is refused or kept by rule, found by search, and stands in the trail."""

import uuid
from datetime import date, timedelta

import pytest

from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from customers import search
from customers.actions import cards, cars, editing, numbers, roles, wishes
from customers.models import ContactBan, Customer, Phone, Vehicle, VehicleRole
from tests.factories import (
    DAY,
    NOON,
    ContactFactory,
    CustomerFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(specialist_a):
    return specialist_a.employee


@pytest.fixture
def zhang(store_a):
    return CustomerFactory(store=store_a, name="张三", number="K1", city="重庆市")


def actions_of(subject) -> list[str]:
    own = Entry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    return list(own.order_by("pk").values_list("action", flat=True))


def create(store, by, submission=None, **values):
    values = {"name": "李四", "customer_type": "person", "number": None, **values}
    submission = submission or uuid.uuid4()
    return cards.create_customer(store, values=values, phone="13900139001", submission=submission, by=by, now=NOON)


def test_a_new_card_is_found_at_once(store_a, by, specialist_a):
    customer = create(store_a, by)
    assert [hit.customer for hit in search.find(specialist_a.user, "lisi")] == [customer]
    assert [hit.customer for hit in search.find(specialist_a.user, "9001")] == [customer]
    assert actions_of(customer) == ["customer.created"]


def test_the_second_click_makes_no_second_card(store_a, by):
    submission = uuid.uuid4()
    assert create(store_a, by, submission) == create(store_a, by, submission)
    assert Customer.objects.count() == 1


def test_a_taken_customer_number_is_refused(store_a, by, zhang):
    with pytest.raises(RuleBroken) as refused:
        create(store_a, by, number="K1")
    assert refused.value.field == "number"


def test_a_new_name_is_found_and_named_in_the_trail_by_its_field_only(zhang, by, specialist_a):
    cards.edit_customer(zhang.pk, values={"name": "张三丰"}, seen={"name": "张三"}, by=by, now=NOON)
    assert [hit.customer for hit in search.find(specialist_a.user, "张三丰")] == [zhang]
    entry = Entry.objects.get(action="customer.changed")
    assert entry.detail == {"fields": ["name"]}
    zhang.refresh_from_db()
    assert zhang.version == 2


def test_an_edit_that_changes_nothing_leaves_no_trace(zhang, by):
    cards.edit_customer(zhang.pk, values={"name": "张三"}, seen={"name": "张三"}, by=by, now=NOON)
    zhang.refresh_from_db()
    assert (zhang.version, actions_of(zhang)) == (1, [])


def test_edits_of_different_fields_are_both_kept(zhang, by):
    cards.edit_customer(zhang.pk, values={"city": "成都市"}, seen={"city": "重庆市"}, by=by, now=NOON)
    cards.edit_customer(zhang.pk, values={"address": "金开大道 1 号"}, seen={"address": ""}, by=by, now=NOON)
    zhang.refresh_from_db()
    assert (zhang.city, zhang.address) == ("成都市", "金开大道 1 号")


def test_an_edit_over_somebody_elses_is_refused_and_shows_theirs(zhang, by):
    cards.edit_customer(zhang.pk, values={"city": "成都市"}, seen={"city": "重庆市"}, by=by, now=NOON)
    with pytest.raises(editing.Overlap) as refused:
        cards.edit_customer(zhang.pk, values={"city": "北京市"}, seen={"city": "重庆市"}, by=by, now=NOON)
    assert refused.value.standing == {"city": "成都市"}
    zhang.refresh_from_db()
    assert zhang.city == "成都市"


def test_two_people_who_write_the_same_do_not_clash(zhang, by):
    for _person in range(2):
        cards.edit_customer(zhang.pk, values={"city": "成都市"}, seen={"city": "重庆市"}, by=by, now=NOON)
    zhang.refresh_from_db()
    assert zhang.city == "成都市"


def test_a_restriction_needs_a_reason_and_hides_from_search(zhang, by, specialist_a):
    search.refresh([zhang.pk])
    with pytest.raises(RuleBroken):
        cards.restrict(zhang.pk, reason=" ", by=by)
    cards.restrict(zhang.pk, reason="客户书面申请", by=by)
    assert search.find(specialist_a.user, "张三") == []
    cards.unrestrict(zhang.pk, reason="客户撤回", by=by)
    assert search.find(specialist_a.user, "张三")
    assert actions_of(zhang) == ["customer.restricted", "customer.unrestricted"]


def test_a_number_may_be_put_first(zhang, by, specialist_a):
    numbers.add_phone(zhang.pk, number="13800138001", first=False, by=by)
    numbers.add_phone(zhang.pk, number="13800138002", first=False, by=by)
    numbers.add_phone(zhang.pk, number="02368812345", first=True, by=by)
    assert list(Phone.objects.order_by("rank").values_list("number", "kind")) == [
        ("02368812345", "home"),
        ("13800138001", "mobile"),
        ("13800138002", "mobile"),
    ]
    assert search.find(specialist_a.user, "2345")


def test_a_number_stands_once_on_a_card_but_may_stand_on_two(zhang, by, store_a):
    numbers.add_phone(zhang.pk, number="13800138001", first=False, by=by)
    with pytest.raises(RuleBroken) as refused:
        numbers.add_phone(zhang.pk, number="13800138001", first=False, by=by)
    assert refused.value.field == "number"
    numbers.add_phone(CustomerFactory(store=store_a).pk, number="13800138001", first=False, by=by)


def test_a_corrected_number_counts_as_good_again(zhang, by, specialist_a):
    phone = PhoneFactory(customer=zhang, number="13800138001", bad_since=DAY, bad_reason="VACANT")
    values = {"number": "13800138009", "kind": "mobile", "contact": None}
    numbers.edit_phone(phone.pk, values=values, seen={}, first=False, by=by)
    phone.refresh_from_db()
    assert (phone.number, phone.bad_since, phone.bad_reason) == ("13800138009", None, "")
    assert search.find(specialist_a.user, "8009")
    assert not search.find(specialist_a.user, "8001")


def test_a_removed_number_is_not_found_any_more(zhang, by, specialist_a):
    phone = numbers.add_phone(zhang.pk, number="13800138001", first=False, by=by)
    numbers.remove_phone(phone.pk, by=by)
    assert not search.find(specialist_a.user, "8001")
    assert actions_of(zhang) == ["phone.added", "phone.removed"]


def test_a_contact_is_found_and_stands_once(zhang, by, specialist_a):
    values = {"name": "周庆", "sex": "m", "identity": "driver", "birthday": None}
    contact = numbers.add_contact(zhang.pk, values=values, phone="13700137000", by=by)
    assert contact.phones.get().customer == zhang
    assert [hit.customer for hit in search.find(specialist_a.user, "周庆")] == [zhang]
    with pytest.raises(RuleBroken):
        numbers.add_contact(zhang.pk, values=values, phone="", by=by)
    numbers.edit_contact(contact.pk, values={"name": "周庆华"}, seen={}, by=by)
    assert search.find(specialist_a.user, "周庆华")


def add_car(customer, by, **values):
    since = values.pop("since", DAY)
    return cars.add_vehicle(customer.pk, values=values, role="owner", since=since, by=by, now=NOON)


def test_the_second_click_makes_no_second_car(zhang, by):
    values = {"vin": "", "plate_no": "渝A12D45", "series": "途岳"}
    made = [
        cars.add_vehicle(zhang.pk, values=values, role=VehicleRole.Kind.OWNER, since=None, by=by, now=NOON)
        for _click in range(2)
    ]
    assert made[0] == made[1]
    assert VehicleRole.objects.filter(customer=zhang).count() == 1


def test_a_known_car_goes_to_its_next_owner(zhang, by, store_a):
    car = VehicleFactory(store=store_a, vin="LSVAA4180E2004202", colour="白", engine_no="")
    before = VehicleRoleFactory(vehicle=car, since=date(2025, 1, 1))
    add_car(zhang, by, vin="LSVAA4180E2004202", colour="黑", engine_no="E1")
    before.refresh_from_db()
    car.refresh_from_db()
    assert before.until == DAY - timedelta(days=1)
    assert (car.colour, car.engine_no) == ("白", "E1")
    assert car.roles.get(until=None).customer == zhang
    assert Vehicle.objects.count() == 1


def test_an_owner_before_the_present_one_began_is_refused(zhang, by, store_a):
    car = VehicleFactory(store=store_a)
    VehicleRoleFactory(vehicle=car, since=DAY)
    with pytest.raises(RuleBroken) as refused:
        add_car(zhang, by, vin=car.vin, since=DAY - timedelta(days=9))
    assert refused.value.code == "owner_not_later"


def test_orders_that_waited_for_an_owner_get_the_first_one(zhang, by, store_a):
    order = RepairOrderFactory(vehicle=VehicleFactory(store=store_a), customer=None)
    add_car(zhang, by, vin=order.vehicle.vin)
    order.refresh_from_db()
    assert order.customer == zhang


def test_a_taken_vin_is_refused(zhang, by, store_a):
    mine, other = VehicleFactory(store=store_a), VehicleFactory(store=store_a)
    with pytest.raises(RuleBroken) as refused:
        cars.edit_vehicle(mine.pk, values={"vin": other.vin}, seen={"vin": mine.vin}, by=by, today=DAY)
    assert refused.value.field == "vin"


def test_a_new_plate_is_found(zhang, by, specialist_a, store_a):
    car = VehicleRoleFactory(customer=zhang, vehicle__store=store_a).vehicle
    cars.edit_vehicle(car.pk, values={"plate_no": "渝B7Q219"}, seen={"plate_no": car.plate_no}, by=by, today=DAY)
    assert [hit.vehicle for hit in search.find(specialist_a.user, "7q219")] == [car]


def test_a_role_is_given_once_and_ends_on_a_day(zhang, by, store_a):
    car = VehicleFactory(store=store_a)
    contact = ContactFactory(customer=zhang)
    made = [
        roles.add_role(car.pk, customer=zhang, contact=contact, role="driver", since=DAY, today=DAY, by=by)
        for _time in range(2)
    ]
    assert made[0] == made[1]
    with pytest.raises(RuleBroken):
        roles.end_role(made[0].pk, until=DAY - timedelta(days=1), today=DAY, by=by)
    roles.end_role(made[0].pk, until=DAY, today=DAY, by=by)
    assert VehicleRole.objects.get().until == DAY


def test_a_role_for_a_foreign_customer_is_refused(zhang, by, store_b):
    car = VehicleFactory(store=store_b)
    with pytest.raises(RuleBroken):
        roles.add_role(car.pk, customer=zhang, role="driver", since=DAY, today=DAY, by=by)


def test_a_sold_car_is_marked(zhang, by, store_a):
    car = VehicleFactory(store=store_a)
    cars.set_state(car.pk, state="sold", by=by)
    car.refresh_from_db()
    assert car.state == "sold"
    assert Entry.objects.get(action="vehicle.state_changed").detail == {"state": ["active", "sold"]}


def test_a_wish_stands_once_until_it_is_lifted(zhang, by):
    values = {"purpose": "marketing", "channel": "all", "since": DAY, "reason": "不想接"}
    ban = wishes.set_ban(zhang.pk, values=values, by=by)
    assert wishes.set_ban(zhang.pk, values=values, by=by) == ban
    assert list(ContactBan.objects.in_force(DAY)) == [ban]
    wishes.lift_ban(ban.pk, by=by, now=NOON)
    assert not ContactBan.objects.in_force(DAY).exists()
    assert actions_of(zhang) == ["ban.set", "ban.lifted"]


def test_a_wish_ends_after_it_begins_and_is_about_ones_own_car(zhang, by, store_a):
    with pytest.raises(RuleBroken):
        wishes.set_ban(
            zhang.pk,
            values={"purpose": "all", "channel": "all", "since": DAY, "until": DAY - timedelta(days=1)},
            by=by,
        )
    with pytest.raises(RuleBroken):
        wishes.set_ban(
            zhang.pk,
            values={"purpose": "all", "channel": "all", "since": DAY, "vehicle": VehicleFactory(store=store_a)},
            by=by,
        )

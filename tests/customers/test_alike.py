"""While somebody enters a number or a car: the cards that are there already, masked, of one's own stores only."""

import uuid

import pytest
from django.urls import reverse

from customers.alike import masked_name
from customers.models import Customer
from tests.factories import CustomerFactory, PhoneFactory, VehicleFactory, VehicleRoleFactory

OK, FOUND, REFUSED = 200, 302, 422
NUMBER, VIN = "13800138000", "LSVAA4180E2000017"


@pytest.fixture
def known(store_a):
    """A customer with a number and a car."""
    customer = CustomerFactory(store=store_a, name="周晓岚")
    PhoneFactory(customer=customer, number=NUMBER)
    car = VehicleFactory(store=store_a, vin=VIN, plate_no="渝A12345", series="远岚")
    VehicleRoleFactory(vehicle=car, customer=customer)
    return customer


def ask(client, **typed):
    return client.post(reverse("customers:alike"), typed).content.decode()


@pytest.mark.parametrize(
    ("name", "masked"), [("周晓岚", "周**"), ("欧阳修文", "欧阳**"), ("远岚物流有限公司", "远岚**")]
)
def test_a_name_is_shown_by_its_surname(name, masked):
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    "typed", [{"phone": NUMBER}, {"phone": "138 0013 8000"}, {"vin": VIN.lower()}, {"plate_no": "渝A·12345"}]
)
def test_a_card_with_this_number_or_car_is_shown_masked(as_, specialist_a, known, typed):
    page = ask(as_(specialist_a), **typed)
    assert "周**" in page
    assert "138****8000" in page
    assert "渝A12345" in page
    assert "周晓岚" not in page
    assert NUMBER not in page
    assert VIN not in page
    assert reverse("customers:card", args=[known.pk]) in page


@pytest.mark.parametrize(
    "typed", [{}, {"phone": "138"}, {"phone": "13800138001"}, {"vin": VIN[:9]}, {"plate_no": "渝A"}]
)
def test_nothing_is_shown_for_half_a_number_or_a_new_one(as_, specialist_a, known, typed):
    assert "data-alike" not in ask(as_(specialist_a), **typed)


def test_another_stores_card_is_not_shown(as_, specialist_b, known):
    assert "data-alike" not in ask(as_(specialist_b), phone=NUMBER)


def test_a_restricted_card_is_shown_only_to_whoever_may_restrict(as_, specialist_a, manager_a, known):
    Customer.objects.filter(pk=known.pk).update(restricted=True)
    assert "data-alike" not in ask(as_(specialist_a), phone=NUMBER)
    assert "data-alike" in ask(as_(manager_a), phone=NUMBER)


def test_the_card_at_hand_is_no_other_card(as_, specialist_a, known):
    assert "data-alike" not in ask(as_(specialist_a), number=NUMBER, reads="number", but=str(known.pk))


def new_card(client, store, **more):
    data = {
        "store": store.pk, "name": "周小岚", "phone": NUMBER, "customer_type": "person",
        "submission": str(uuid.uuid4()),
    }  # fmt: skip
    return client.post(reverse("customers:new"), data | more)


def test_without_script_the_form_comes_back_with_the_warning_and_goes_on_when_told(as_, specialist_a, store_a, known):
    client = as_(specialist_a)
    answer = new_card(client, store_a)
    assert answer.status_code == REFUSED
    page = answer.content.decode()
    assert "周**" in page
    assert "周小岚" in page
    assert Customer.objects.count() == 1
    assert new_card(client, store_a, anyway="1").status_code == FOUND
    assert Customer.objects.count() == 2


def test_a_number_of_another_card_is_added_when_told(as_, specialist_a, store_a, known):
    mine, client = CustomerFactory(store=store_a), as_(specialist_a)
    address = reverse("customers:phone_new", args=[mine.pk])
    data = {"number": NUMBER, "kind": "mobile"}
    assert client.post(address, data).status_code == REFUSED
    assert client.post(address, {**data, "anyway": "1"}).status_code == FOUND
    assert mine.phones.get().number == NUMBER


def test_a_car_of_another_card_is_taken_over_when_told(as_, specialist_a, store_a, known):
    mine, client = CustomerFactory(store=store_a), as_(specialist_a)
    address = reverse("customers:vehicle_new", args=[mine.pk])
    data = {"vin": VIN, "role": "driver"}
    assert client.post(address, data).status_code == REFUSED
    assert client.post(address, {**data, "anyway": "1"}).status_code == FOUND

"""What the one box finds, in which order, what it opens at once, and what it shows of a number."""

import pytest
from django.urls import reverse

from customers import rules, search
from customers.rules.ranking import Met, ranked
from tests.factories import (
    DAY,
    ComplaintFactory,
    CustomerFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

NAME, PHONE, PLATE = rules.NAME, rules.PHONE, rules.PLATE
MEANT = [rules.Token(PLATE, "A123"), rules.Token(NAME, "a123")]


@pytest.mark.parametrize(
    ("found", "present", "order"),
    [
        # whole before longer
        ([Met(1, None, NAME, "a1234"), Met(2, None, NAME, "a123")], [], [2, 1]),
        # the likelier reading before the other
        ([Met(1, None, NAME, "a123"), Met(2, 5, PLATE, "A123")], [(2, 5)], [2, 1]),
        # who owns the car now before who owned it
        ([Met(1, 5, PLATE, "A123"), Met(2, 5, PLATE, "A123")], [(2, 5)], [2, 1]),
        # a whole word of a former car before the beginning of a present one
        ([Met(1, 5, PLATE, "A1234"), Met(2, 6, PLATE, "A123")], [(1, 5)], [2, 1]),
        # equals stand by their word, then by key
        ([Met(3, None, NAME, "a123"), Met(1, None, NAME, "a123"), Met(2, None, NAME, "a12399")], [], [1, 3, 2]),
        # once each, by the best word
        ([Met(1, None, NAME, "a1234"), Met(1, None, NAME, "a123")], [], [1]),
    ],
)
def test_the_order_of_hits(found, present, order):
    assert [met.customer for met in ranked(found, MEANT, set(present))] == order


@pytest.fixture
def resold(store_a):
    """(the owner of now, the former one) of one car, with their words written."""
    car = VehicleFactory(store=store_a, plate_no="渝AR1234")
    former, owner = CustomerFactory(store=store_a, name="白前"), CustomerFactory(store=store_a, name="白后")
    VehicleRoleFactory(vehicle=car, customer=former, until=DAY)
    VehicleRoleFactory(vehicle=car, customer=owner, since=DAY)
    search.refresh([former.pk, owner.pk])
    return owner, former


def test_the_owner_of_now_comes_before_the_former_one(manager_a, resold):
    hits = search.find(manager_a.user, "AR1234")
    assert [(hit.customer, hit.is_former) for hit in hits] == [(resold[0], False), (resold[1], True)]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("8000", "138****8000"), ("38000", "******38000"), ("13800138000", "***00138000")],
)
def test_a_number_shows_the_digits_that_were_typed_and_never_all(manager_a, store_a, typed, shown):
    customer = PhoneFactory(customer=CustomerFactory(store=store_a), number="13800138000").customer
    search.refresh([customer.pk])
    assert [hit.through for hit in search.find(manager_a.user, typed)] == [shown]


@pytest.mark.parametrize("change", [{"restricted": True}, {"anonymised_on": DAY}])
def test_hidden_cards_are_not_found_even_if_their_words_stand(manager_a, resold, change):
    type(resold[0]).objects.filter(pk=resold[0].pk).update(**change)
    assert [hit.customer for hit in search.find(manager_a.user, "白后")] == []


def test_a_merged_card_is_not_found(manager_a, resold):
    owner, former = resold
    type(owner).objects.filter(pk=former.pk).update(merged_into=owner)
    assert [hit.customer for hit in search.find(manager_a.user, "AR1234")] == [owner]
    assert search.refresh([former.pk]) == 0


@pytest.fixture
def numbered(store_a):
    customer = CustomerFactory(store=store_a, name="单一")
    order = RepairOrderFactory(vehicle__store=store_a, customer=customer, order_number="WX2026-77")
    ticket = ComplaintFactory(store=store_a, customer=customer, number="TS990077")
    return customer, order, ticket


def test_an_order_number_opens_the_card_of_its_customer(as_, specialist_a, numbered):
    answer = as_(specialist_a).post(reverse("customers:find"), {"q": "wx2026-77"})
    assert answer["Location"].startswith(reverse("customers:card", args=[numbered[0].pk]))


def test_a_ticket_number_opens_the_ticket(as_, manager_a, numbered):
    answer = as_(manager_a).post(reverse("customers:find"), {"q": "ts990077"})
    assert answer["Location"] == reverse("complaints:detail", args=[numbered[2].pk])


@pytest.mark.parametrize("typed", ["WX2026-77", "TS990077"])
def test_numbers_of_another_store_are_not_found(as_, stranger_b, numbered, typed):
    assert search.others(stranger_b.user, typed) == []


def test_a_whole_plate_opens_its_only_card_although_longer_ones_begin_alike(as_, manager_a, store_a):
    cars = [VehicleFactory(store=store_a, plate_no=plate) for plate in ("渝AZ1234", "渝AZ12345")]
    people = [VehicleRoleFactory(vehicle=car, customer=CustomerFactory(store=store_a)).customer for car in cars]
    search.refresh([one.pk for one in people])
    answer = as_(manager_a).post(reverse("customers:find"), {"q": "渝AZ1234"})
    assert answer["Location"] == reverse("customers:card", args=[people[0].pk])


def test_suggestions_come_by_post_alone_and_name_nobody_in_an_address(as_, manager_a, resold):
    client = as_(manager_a)
    assert client.get(reverse("customers:suggest")).status_code == 405
    page = client.post(reverse("customers:suggest"), {"q": "白"}).content.decode()
    assert "白前" in page
    assert all(f"/customers/{one.pk}/" in page for one in resold)


def test_suggestions_stay_within_the_store(as_, stranger_b, resold):
    assert "白前" not in as_(stranger_b).post(reverse("customers:suggest"), {"q": "白"}).content.decode()

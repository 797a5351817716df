"""Numbers: what calls teach of them, and those that stand on too many cards or belong to colleagues."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.accounts import staff_numbers
from crm_site.audit.models import Entry
from customers import filtering
from customers.actions import cleaning, from_calls
from customers.care import numbers
from customers.models import Customer, Phone
from customers.rules import numbers as rules
from revisits.generator import people
from tests.factories import DAY, ContactFactory, CustomerFactory, EmployeeFactory, PhoneFactory

SHARED = "02368880000"


@pytest.mark.parametrize(
    ("bad", "good", "staff", "expected"),
    [
        (None, None, False, "untried"),
        (None, DAY, False, "good"),
        (DAY, DAY, False, "bad"),
        (DAY, None, True, "bad"),
        (None, DAY, True, "staff"),
    ],
)
def test_what_a_call_found_out_weighs_more_than_whose_number_it_is(bad, good, staff, expected):
    assert rules.state(bad_since=bad, good_on=good, is_staff=staff) == expected


def on_cards(store, count, number=SHARED):
    return [PhoneFactory(customer=CustomerFactory(store=store), number=number) for _ in range(count)]


@pytest.mark.django_db
def test_whoever_was_reached_makes_a_bad_number_good_again(store_a, specialist_a):
    phone = PhoneFactory(customer__store=store_a, bad_since=DAY, bad_reason="VACANT")
    from_calls.mark_phone_good(phone.pk, by=specialist_a.employee, on=DAY)
    phone.refresh_from_db()
    assert (phone.good_on, phone.bad_since) == (DAY, None)
    assert Entry.objects.filter(action="phone.found_good").exists()


@pytest.mark.django_db
def test_an_older_call_does_not_turn_the_day_back(store_a, specialist_a):
    phone = PhoneFactory(customer__store=store_a, good_on=DAY)
    from_calls.mark_phone_good(phone.pk, by=specialist_a.employee, on=DAY - timedelta(days=1))
    phone.refresh_from_db()
    assert phone.good_on == DAY


@pytest.mark.django_db
def test_numbers_of_former_colleagues_are_looked_at_and_yet_called(store_a):
    EmployeeFactory(store=store_a, phone="199 0001 0001")
    EmployeeFactory(store=store_a, phone="19900010002", left_on=DAY - timedelta(days=1))
    assert staff_numbers.of_store(store_a.pk) == {"19900010001", "19900010002"}
    assert people.employee_numbers(store_a.pk, DAY) == {"19900010001"}


@pytest.mark.django_db
def test_a_family_may_share_a_number_and_a_fourth_card_is_looked_at(specialist_a, store_a, store_b):
    on_cards(store_a, 3)
    on_cards(store_b, 2)
    assert numbers.shared(specialist_a.user) == []
    on_cards(store_a, 1)
    assert numbers.shared(specialist_a.user) == [((store_a.pk, SHARED), 4)]


@pytest.mark.django_db
def test_merged_and_restricted_cards_and_bad_numbers_do_not_count(specialist_a, store_a):
    phones = on_cards(store_a, 4)
    Customer.objects.filter(pk=phones[0].customer_id).update(restricted=True)
    assert numbers.shared(specialist_a.user) == []
    Customer.objects.filter(pk=phones[0].customer_id).update(restricted=False, merged_into=phones[1].customer_id)
    assert numbers.shared(specialist_a.user) == []
    Customer.objects.filter(pk=phones[0].customer_id).update(merged_into=None)
    Phone.objects.filter(pk=phones[2].pk).update(bad_since=DAY)
    assert numbers.shared(specialist_a.user) == []


@pytest.mark.django_db
def test_a_number_that_is_not_theirs_leaves_the_card_to_be_asked_for_one(store_a, specialist_a):
    phone = PhoneFactory(customer__store=store_a)
    cleaning.not_theirs(phone.pk, by=specialist_a.employee, on=DAY)
    phone.refresh_from_db()
    assert (phone.bad_since, phone.bad_reason) == (DAY, "NOT_THEIRS")
    assert phone.customer.check_phone_reason == "NOT_THEIRS"


@pytest.mark.django_db
def test_a_card_with_another_good_number_is_asked_for_none(store_a, specialist_a):
    customer = CustomerFactory(store=store_a)
    PhoneFactory(customer=customer)
    cleaning.not_theirs(PhoneFactory(customer=customer).pk, by=specialist_a.employee, on=DAY)
    customer.refresh_from_db()
    assert customer.check_phone_since is None


@pytest.mark.django_db
def test_the_list_shows_masked_numbers_and_a_click_clears_them_all(as_, specialist_a, store_a):
    phones = on_cards(store_a, 5)
    client = as_(specialist_a)
    page = client.get(reverse("customers:care_shared")).content.decode()
    assert 'data-total="1"' in page
    assert SHARED not in page
    client.post(reverse("customers:not_theirs", args=[phones[0].pk]), {"all": "1", "back": "shared"})
    assert Phone.objects.filter(number=SHARED, bad_since=None).count() == 0
    assert 'data-total="1"' not in client.get(reverse("customers:care_shared")).content.decode()


@pytest.mark.django_db
def test_the_page_of_staff_names_the_colleague(as_, specialist_a, store_a):
    EmployeeFactory(store=store_a, name="朱莉", phone="19900010001")
    PhoneFactory(customer=CustomerFactory(store=store_a, name="欧阳浩"), number="19900010001")
    page = as_(specialist_a).get(reverse("customers:care_staff")).content.decode()
    assert "朱莉" in page
    assert "欧阳浩" in page


@pytest.mark.django_db
def test_the_card_says_what_is_known_of_each_number(as_, specialist_a, store_a):
    customer = CustomerFactory(store=store_a)
    EmployeeFactory(store=store_a, phone="19900010001")
    PhoneFactory(customer=customer, number="19900010001")
    PhoneFactory(customer=customer, contact=ContactFactory(customer=customer), number="13900000001", good_on=DAY)
    PhoneFactory(customer=customer, number="13900000002")
    page = as_(specialist_a, language="en").get(reverse("customers:card", args=[customer.pk])).content.decode()
    assert all(word in page for word in ("Staff number", "Never tried", "reached or confirmed on 2026-09-16"))


@pytest.mark.django_db
def test_more_shared_numbers_cost_no_more_queries(as_, manager_a, store_a):
    client = as_(manager_a)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as made:
            client.get(reverse("customers:care_shared"))
        return len(made)

    on_cards(store_a, 4, "02368880001")
    client.get(reverse("customers:care_shared"))
    few = queries()
    for place in range(8):
        on_cards(store_a, 5, f"0236888010{place}")
    assert queries() == few


@pytest.mark.django_db
def test_the_list_is_filtered_by_numbers_reached_and_never_tried(store_a):
    good, untried = CustomerFactory(store=store_a), CustomerFactory(store=store_a)
    PhoneFactory(customer=good, good_on=DAY)
    PhoneFactory(customer=good)
    PhoneFactory(customer=untried)
    PhoneFactory(customer=CustomerFactory(store=store_a), bad_since=DAY)
    rows = Customer.objects.all()
    assert list(filtering.narrow(rows, {"number": "good"}, today=DAY)) == [good]
    assert list(filtering.narrow(rows, {"number": "untried"}, today=DAY)) == [untried]


@pytest.mark.django_db
def test_the_list_is_filtered_by_how_far_addresses_can_be_trusted(store_a):
    bad = CustomerFactory(store=store_a, address="长江路", address_bad_since=DAY)
    fresh = CustomerFactory(store=store_a, address="长江路")
    rows = Customer.objects.all()
    assert list(filtering.narrow(rows, {"address": "bad"}, today=DAY)) == [bad]
    assert list(filtering.narrow(rows, {"address": "fresh"}, today=DAY)) == [fresh]

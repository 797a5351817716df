"""Addresses: how far they can be trusted, and the steps that settle them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.actions import cards, cleaning
from customers.care import addresses
from customers.models import Customer, FactCheck
from customers.rules import addresses as rules
from tests.factories import DAY, NOON, CustomerFactory

TWO_YEARS_AGO = date(2024, 9, 16)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"has_address": False}, "none"),
        ({"made_on": TWO_YEARS_AGO}, "fresh"),
        ({"made_on": TWO_YEARS_AGO - timedelta(days=1)}, "stale"),
        ({"made_on": date(2015, 1, 1), "confirmed_on": TWO_YEARS_AGO}, "fresh"),
        ({"confirmed_on": TWO_YEARS_AGO - timedelta(days=1)}, "stale"),
        ({"confirmed_on": DAY, "bad_since": DAY}, "bad"),
        ({"has_address": False, "bad_since": DAY}, "bad"),
    ],
)
def test_an_address_is_trusted_for_two_years(facts, expected):
    known = {"has_address": True, "bad_since": None, "confirmed_on": None, "made_on": DAY} | facts
    assert rules.state(**known, today=DAY) == expected


@pytest.mark.django_db
def test_the_condition_says_what_the_rule_says(store_a):
    for place, (confirmed, bad, made) in enumerate(
        (confirmed, bad, made)
        for confirmed in (None, TWO_YEARS_AGO, TWO_YEARS_AGO - timedelta(days=1))
        for bad in (None, DAY)
        for made in (clock.at(TWO_YEARS_AGO, 0), clock.at(TWO_YEARS_AGO - timedelta(days=1), 23), NOON)
    ):
        for address in ("", f"长江路{place}号"):
            CustomerFactory(
                store=store_a, address=address, address_confirmed_on=confirmed, address_bad_since=bad, created_at=made
            )
    for state in ("bad", "stale", "fresh"):
        found = set(Customer.objects.filter(addresses.condition(state, DAY)))
        assert found == {one for one in Customer.objects.all() if addresses.state_of(one, DAY) == state}


@pytest.mark.django_db
def test_a_returned_letter_is_asked_about_until_the_address_is_known(store_a, specialist_a):
    by = specialist_a.employee
    customer = CustomerFactory(store=store_a, address="长江路1号")
    cleaning.address_bad(customer.pk, reason="RETURNED", by=by, on=DAY)
    assert FactCheck.objects.get(customer=customer, fact="address").done_on is None
    cards.edit_customer(customer.pk, values={"address": "长江路2号"}, seen={}, by=by, now=clock.now())
    customer.refresh_from_db()
    assert (customer.address_bad_since, customer.address_confirmed_on) == (None, clock.today())
    assert FactCheck.objects.get(customer=customer, fact="address").outcome == "corrected"


@pytest.mark.django_db
def test_an_empty_address_is_not_confirmed(store_a, specialist_a):
    with pytest.raises(RuleBroken):
        cleaning.confirm_address(CustomerFactory(store=store_a).pk, by=specialist_a.employee, on=DAY)


@pytest.mark.django_db
def test_the_list_holds_as_many_as_the_hub_says_and_one_click_settles(as_, manager_a, store_a):
    old = clock.at(date(2020, 1, 1), 9)
    rows = [CustomerFactory(store=store_a, address="长江路", created_at=old) for _ in range(3)]
    CustomerFactory(store=store_a, address="长江路", created_at=clock.now())
    client = as_(manager_a)
    assert 'data-care="addresses">3<' in client.get(reverse("customers:care")).content.decode()
    assert 'data-total="3"' in client.get(reverse("customers:care_addresses")).content.decode()
    client.post(reverse("customers:address_state", args=[rows[0].pk]), {"step": "right", "back": "list"})
    assert 'data-total="2"' in client.get(reverse("customers:care_addresses")).content.decode()


@pytest.mark.django_db
def test_who_may_not_read_addresses_sees_them_masked(as_, admin_a, store_a):
    CustomerFactory(store=store_a, address="长江二路88号3栋", created_at=clock.at(date(2020, 1, 1), 9))
    assert "88号3栋" not in as_(admin_a).get(reverse("customers:care_addresses")).content.decode()


@pytest.mark.django_db
def test_nobody_calls_an_address_right_that_they_cannot_read(as_, frontline_a, store_a):
    customer = CustomerFactory(store=store_a, address="长江二路88号3栋")
    step = reverse("customers:address_state", args=[customer.pk])
    assert as_(frontline_a).post(step, {"step": "right"}).status_code == 403
    customer.refresh_from_db()
    assert customer.address_confirmed_on is None

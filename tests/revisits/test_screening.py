"""The year-end screening: five questions of the customers of a year, their figures and their list."""

from decimal import Decimal

import pytest
from django.urls import reverse

from customers.models import YearValue
from revisits.queries.screening import QUESTIONS, Thresholds, screened, summed
from tests.factories import DAY, ComplaintFactory, CustomerFactory

pytestmark = pytest.mark.django_db
YEAR = DAY.year


def of_year(store, amount=5000, visits=3, year=YEAR, **values):
    facts = {"loyalty_class": "loyal", "completeness": 90, "marketing_consent": True} | values
    customer = CustomerFactory(store=store, **facts)
    YearValue.objects.create(store=store, customer=customer, year=year, amount=amount, visits=visits)
    return customer


def flags(user, store, **thresholds):
    rows = screened(user, store.pk, YEAR, Thresholds(**thresholds))
    return {row.customer_id: [getattr(row, f"is_{name}") for name in QUESTIONS] for row in rows}


@pytest.mark.parametrize(("values", "met"), [
    ({}, [1, 1, 1, 1, 1]),
    ({"amount": Decimal("2999.99")}, [0, 1, 1, 1, 1]),
    ({"amount": Decimal(3000)}, [1, 1, 1, 1, 1]),
    ({"visits": 1}, [1, 0, 1, 1, 1]),
    ({"loyalty_class": "ordinary"}, [1, 1, 0, 1, 1]),
    ({"loyalty_class": "lost"}, [1, 1, 0, 1, 1]),
    ({"completeness": 79}, [1, 1, 1, 1, 0]),
    ({"completeness": None}, [1, 1, 1, 1, 0]),
    ({"marketing_consent": None}, [1, 1, 1, 1, 1]),
    ({"marketing_consent": False}, [1, 1, 1, 1, 0]),
])  # fmt: skip
def test_each_question_is_asked_by_itself(manager_a, store_a, values, met):
    customer = of_year(store_a, **values)
    assert flags(manager_a.user, store_a) == {customer.pk: met}


def test_complaints_count_where_they_are_valid_and_of_the_year(manager_a, store_a):
    customer = of_year(store_a)
    ComplaintFactory(store=store_a, customer=customer, validity="invalid")
    ComplaintFactory(store=store_a, customer=customer, received_on=DAY.replace(year=YEAR - 1))
    ComplaintFactory(store=store_a)  # of nobody known
    assert flags(manager_a.user, store_a)[customer.pk][3] == 1
    ComplaintFactory(store=store_a, customer=customer)
    assert flags(manager_a.user, store_a)[customer.pk][3] == 0
    assert flags(manager_a.user, store_a, complaints=1)[customer.pk][3] == 1


def test_figures_add_up_to_the_lists(manager_a, director_a, store_a, store_b):
    of_year(store_a)
    of_year(store_a, amount=10, visits=1)
    of_year(store_a, restricted=True)
    of_year(store_a, year=YEAR - 1)
    of_year(store_b)
    rows = screened(manager_a.user, store_a.pk, YEAR, Thresholds())
    met, each = summed(rows)
    assert (dict(met), each["amount"], each["complaints"]) == ({5: 2, 3: 1}, 2, 3)
    assert screened(director_a.user, store_a.pk, YEAR, Thresholds()).count() == 2  # sees no restricted card
    assert screened(manager_a.user, store_b.pk, YEAR, Thresholds()).count() == 0


def test_the_page_lists_who_meets_so_many_by_the_thresholds_of_the_address(as_, manager_a, store_a):
    customer = of_year(store_a, amount=600)
    client, url = as_(manager_a), reverse("revisits:screening")
    assert client.get(url, {"year": YEAR}).context["lines"] == []
    lines = client.get(url, {"year": YEAR, "amount": 500}).context["lines"]
    assert [line["customer"] for line in lines] == [customer]
    assert client.get(url, {"year": "x", "met": "9", "amount": "-1", "loyalty": "?"}).status_code == 200

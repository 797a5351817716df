"""Filters: each narrows as it says, together they mean one car, and pages put together are the whole list."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_site.core import clock, paging
from customers import filtering
from customers.filtering import listing
from customers.models import Customer, ProfileField, ProfileValue, Segment
from tests.factories import (
    DAY,
    NOON,
    ContactBanFactory,
    CustomerFactory,
    PhoneFactory,
    VehicleFactory,
    VehicleRoleFactory,
)


def names(rows, query, **more):
    return set(filtering.narrow(rows, filtering.parse(query), today=DAY, **more).values_list("name", flat=True))


@pytest.fixture
def two(store_a):
    """甲, whom every filter of `FITS` leaves, and 乙, whom none does."""
    fits = CustomerFactory(
        store=store_a, name="甲", customer_type="org", value_class="gold", loyalty_class="loyal", lifecycle="at_risk",
        potential="high", defection_type="price", completeness=30, birthday=DAY.replace(year=1980, month=2, day=9),
        source="车展", city="遵义市", marketing_consent=False, check_phone_since=DAY,
    )  # fmt: skip
    car = VehicleFactory(
        store=store_a, series="E7", brand="远岚", power="ev", last_visit_on=DAY - timedelta(days=20),
        last_seen_on=DAY - timedelta(days=20), purchased_on=DAY - timedelta(days=500),
        insurance_until=DAY + timedelta(days=5), inspection_due_on=DAY + timedelta(days=5),
        next_maintenance_on=DAY + timedelta(days=5), warranty_until=DAY + timedelta(days=5),
    )  # fmt: skip
    VehicleRoleFactory(vehicle=car, customer=fits)
    PhoneFactory(customer=fits, bad_since=DAY)
    ContactBanFactory(customer=fits)
    ProfileField.objects.create(
        code="education", label_zh="学历", label_en="Education", kind="choice", group="own", is_on=True,
        options=[{"code": "master", "label_zh": "硕士", "label_en": "Master"}],
    )  # fmt: skip
    ProfileValue.objects.create(store=store_a, customer=fits, field="education", value="master")
    other = CustomerFactory(store=store_a, name="乙", completeness=90, marketing_consent=True)
    PhoneFactory(customer=other)
    old = VehicleFactory(store=store_a, series="V3", brand="别", last_seen_on=DAY - timedelta(days=900))
    VehicleRoleFactory(vehicle=old, customer=other)
    return fits, other


FITS = [
    "type=org", "value=gold", "value=gold,a", "value=a&value=gold", "loyalty=loyal", "lifecycle=at_risk",
    "potential=high", "left_for=price", "completeness=40", "birthday=2", "birthday=1,2", "source=车展", "city=遵义市",
    "consent=no", "number=none", "number=bad", "number=check", "ban=any", "ban=marketing", "series=E7", "brand=远岚",
    "power=ev", "visited=1", "bought_from=2025-01-01&bought_to=2025-12-31", "insurance=7", "inspection=7",
    "maintenance=7", "warranty=7", "profile=education:master", "profile=education:%2B",
]  # fmt: skip


@pytest.mark.parametrize("query", FITS)
@pytest.mark.usefixtures("two")
def test_a_filter_leaves_whom_it_says(query, store_a):
    for more in ({}, {"stores": [store_a.pk]}):
        assert names(Customer.objects.all(), query, **more) == {"甲"}


@pytest.mark.parametrize(
    "query", ["away=12", "ban=none", "profile=education:-", "consent=yes", "value=-", "keeper=none&type=person"]
)
@pytest.mark.usefixtures("two")
def test_a_filter_for_what_is_not_leaves_the_other(query):
    assert names(Customer.objects.all(), query) == {"乙"}


@pytest.mark.parametrize("query", FITS)
@pytest.mark.parametrize("few", [0, 100])
@pytest.mark.usefixtures("two")
def test_the_list_shows_what_narrowing_leaves_whichever_way_it_reads(query, few, monkeypatch):
    monkeypatch.setattr(listing, "FEW", few)
    shown = filtering.Listing(Customer.objects.all(), filtering.parse(query), DAY)
    assert [row.name for row in shown.page("", 50)] == ["甲"]
    assert shown.count().number == 1


@pytest.mark.parametrize("query", ["value=diamond", "type=org,person", "insurance=0", "keeper=x", "bought_from=soon"])
@pytest.mark.usefixtures("two")
def test_a_value_that_means_nothing_leaves_nobody(query):
    assert names(Customer.objects.all(), query) == set()


@pytest.mark.parametrize("query", ["page=3", "sort=oldest", "colour=red", "value=", ""])
@pytest.mark.usefixtures("two")
def test_what_is_no_filter_narrows_nothing(query):
    assert names(Customer.objects.all(), query) == {"甲", "乙"}


def test_filters_about_cars_have_to_hold_for_one_car(store_a):
    customer = CustomerFactory(store=store_a, name="两车")
    for series, days in (("E7", 300), ("V3", 5)):
        car = VehicleFactory(store=store_a, series=series, insurance_until=DAY + timedelta(days=days))
        VehicleRoleFactory(vehicle=car, customer=customer)
    assert names(Customer.objects.all(), "series=E7") == {"两车"}
    assert names(Customer.objects.all(), "series=E7&insurance=7") == set()


def test_a_segment_narrows_by_its_own_filters_in_its_own_store(two, store_a, store_b):
    CustomerFactory(store=store_b, name="外", value_class="gold")
    segment = Segment.objects.create(store=store_a, name="金", query="value=gold", created_at=NOON)
    assert names(Customer.objects.all(), f"segment={segment.pk}") == {"甲"}
    assert names(Customer.objects.all(), f"segment={segment.pk}", stores=[store_b.pk]) == set()
    nested = Segment.objects.create(store=store_a, name="层", query=f"segment={segment.pk}", created_at=NOON)
    assert names(Customer.objects.all(), f"segment={nested.pk}") == set()


def test_active_filters_are_said_in_words(two, store_a):
    told = filtering.describe(filtering.parse("value=gold,a&insurance=30&number=none"), stores=[store_a.pk])
    assert [code for code, _words in told] == [
        str(filtering.FIELDS[code].label) for code in ("value", "insurance", "number")
    ]
    assert [words for _label, words in told][1:] == ["30 天", "待补号码"]


def test_somebody_elses_employee_is_not_named(two, store_a, specialist_b):
    told = filtering.describe({"keeper": str(specialist_b.employee.pk)}, stores=[store_a.pk])
    assert specialist_b.employee.name not in str(told)


# ---- pages ----------------------------------------------------------------------------------------------------------


def walked(query, size, order=("-created_at",), meanwhile=None):
    """All pages one after another, newest query each time."""
    cursor, found = "", []
    for turn in range(100):
        page = filtering.Listing(Customer.objects.all(), query, DAY, order=order).page(cursor, size)
        found += [row.pk for row in page]
        if meanwhile and turn == 0:
            meanwhile()
        if not page.next:
            return found
        cursor = page.next
    raise AssertionError("no end")


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shares=st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=12),
    size=st.integers(1, 5),
    order=st.sampled_from(["-created_at", "created_at", "completeness", "value_share"]),
    is_few=st.booleans(),
)
def test_pages_put_together_are_the_whole_list(store_a, monkeypatch, shares, size, order, is_few):
    Customer.objects.all().delete()
    monkeypatch.setattr(listing, "FEW", 100 if is_few else 0)
    for share in shares:
        CustomerFactory(
            store=store_a, value_share=share, completeness=share, created_at=NOON + timedelta(hours=share or 0)
        )
    found = walked({}, size, [order])
    assert sorted(found) == sorted(Customer.objects.values_list("pk", flat=True))
    assert found == [row.pk for row in paging.paginate(Customer.objects.all(), order=[order], size=99)]


@pytest.mark.parametrize("query", [{}, {"number": "bad"}])
def test_cards_made_meanwhile_neither_repeat_nor_hide_others(store_a, query):
    people = [CustomerFactory(store=store_a, created_at=NOON - timedelta(hours=n)) for n in range(7)]
    for one in people:
        PhoneFactory(customer=one, bad_since=DAY)

    def meanwhile():
        new = CustomerFactory(store=store_a, created_at=NOON + timedelta(hours=1))
        PhoneFactory(customer=new, bad_since=DAY)

    assert walked(query, 3, meanwhile=meanwhile) == [one.pk for one in people]


# ---- from card to card ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "type=person", "number=bad", "number=bad&sort=oldest"])
def test_a_card_knows_its_neighbours_in_the_list(as_, manager_a, store_a, query):
    people = [CustomerFactory(store=store_a, created_at=NOON - timedelta(hours=n)) for n in range(3)]
    for one in people:
        PhoneFactory(customer=one, bad_since=DAY)
    if "oldest" in query:
        people.reverse()
    client, steps = as_(manager_a), []
    for one in people:
        place = client.get(reverse("customers:card", args=[one.pk]), {"in": query}).context["place"]
        assert QueryDict(place["list_url"].partition("?")[2]) == QueryDict(query)
        steps.append([place["previous_url"].partition("?")[0], place["next_url"].partition("?")[0]])
    at = [reverse("customers:card", args=[one.pk]) for one in people]
    assert steps == [["", at[1]], [at[0], at[2]], [at[1], ""]]


def test_a_card_opened_otherwise_has_no_place(as_, manager_a, two):
    assert as_(manager_a).get(reverse("customers:card", args=[two[0].pk])).context["place"] is None


def test_more_customers_cost_the_list_no_more_queries(as_, manager_a, store_a):
    client = as_(manager_a)

    def cost(n, query):
        for _ in range(n):
            customer = CustomerFactory(store=store_a, value_class="gold")
            PhoneFactory(customer=customer, bad_since=clock.today())
            VehicleRoleFactory(vehicle__store=store_a, customer=customer)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("customers:list") + query).status_code == 200
        return len(asked)

    for query in ("", "?value=gold", "?number=bad", "?filters=1"):
        cost(1, query)
        assert cost(3, query) == cost(27, query)

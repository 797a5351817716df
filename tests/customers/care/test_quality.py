"""The score of the archive: what is counted, for whom, and that every figure leads to as many cards."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from customers import night
from customers.actions import quality as keeping
from customers.care import quality
from customers.care.items import items
from customers.models import Customer, QualityFigure
from customers.rules import quality as rules
from tests.factories import (
    CustomerFactory,
    DeliveryFactory,
    EmployeeFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleRoleFactory,
)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], None),
        ([(0, 0)], None),
        ([(1, 2), (0, 0)], Decimal("50.0")),
        ([(1, 3), (1, 1)], Decimal("66.7")),
        ([(999, 1000), (0, 1)], Decimal("50.0")),
    ],
)
def test_the_score_is_the_mean_of_the_shares(counts, expected):
    assert rules.score(counts) == expected


class FakeRun:
    """What the runner gives a job: a place to say how far it is, and a hold that nobody breaks."""

    def progress(self, *_told):
        pass

    def hold(self):
        pass


def a_night(store):
    return night.look_over(SimpleNamespace(payload={"store": store.pk}), FakeRun())


@pytest.fixture
def archive(store_a):
    """A good card and a bad one."""
    good = CustomerFactory(store=store_a, address="长江路1号", created_at=clock.now(), marketing_consent=False)
    PhoneFactory(customer=good)
    VehicleRoleFactory(vehicle__store=store_a, customer=good)
    bad = CustomerFactory(store=store_a, address="长江路2号", address_bad_since=clock.today())
    PhoneFactory(customer=bad, bad_since=clock.today())
    VehicleRoleFactory(vehicle__store=store_a, vehicle__plate_no="无效", customer=bad)
    return SimpleNamespace(good=good, bad=bad)


@pytest.mark.django_db
def test_each_check_finds_the_bad_card(store_a, archive):
    a_night(store_a)
    found = quality.latest(store_a.pk)
    assert {code: found.counts[code] for code in ("phone", "address", "consent", "cars", "single")} == {
        "phone": (1, 2), "address": (1, 2), "consent": (1, 2), "cars": (1, 2), "single": (2, 2),
    }  # fmt: skip


@pytest.mark.django_db
def test_completeness_counts_as_the_mean_of_the_cards(store_a, archive):
    a_night(store_a)
    mean = sum(Customer.objects.values_list("completeness", flat=True)) / Decimal(2)
    assert quality.latest(store_a.pk).share("complete") == mean.quantize(Decimal("0.1"))


@pytest.mark.django_db
def test_every_figure_leads_to_as_many_cards(as_, manager_a, store_a, archive):
    a_night(store_a)
    client = as_(manager_a)
    standing = quality.latest(store_a.pk)
    for item in items():
        page = client.get(reverse("customers:quality_cards"), {"item": item.code, "store": store_a.pk})
        assert page.context["count"].number == standing.to_mend(item.code), item.code


@pytest.mark.django_db
def test_merged_restricted_and_anonymised_cards_are_not_judged(store_a, archive):
    Customer.objects.filter(pk=archive.bad.pk).update(restricted=True)
    CustomerFactory(store=store_a, merged_into=archive.good)
    CustomerFactory(store=store_a, anonymised_on=clock.today())
    assert list(quality.cards([store_a.pk])) == [archive.good]


@pytest.mark.django_db
def test_a_second_run_of_a_night_leaves_the_same_figures(store_a, archive):
    a_night(store_a)
    before = list(QualityFigure.objects.order_by("item", "employee").values_list("item", "employee", "good", "total"))
    a_night(store_a)
    after = list(QualityFigure.objects.order_by("item", "employee").values_list("item", "employee", "good", "total"))
    assert before == after


# ---- whose customers ------------------------------------------------------------------------------------------------


def whose(customer):
    return quality.cards([customer.store_id]).annotate(whose=quality.whose()).get(pk=customer.pk).whose


@pytest.mark.django_db
def test_a_customer_is_whose_word_is_the_latest(store_a):
    maker, seller, former, advisor, keeper = (EmployeeFactory(store=store_a) for _ in range(5))
    customer = CustomerFactory(store=store_a)
    assert whose(customer) is None
    Customer.objects.filter(pk=customer.pk).update(created_by=maker)
    assert whose(customer) == maker.pk
    DeliveryFactory(vehicle__store=store_a, customer=customer, sales_consultant=seller)
    assert whose(customer) == seller.pk
    today = clock.today()
    for who, days in ((former, 200), (advisor, 100)):
        RepairOrderFactory(
            vehicle__store=store_a, customer=customer, service_advisor=who, checked_in_on=today - timedelta(days=days)
        )
    assert whose(customer) == advisor.pk
    Customer.objects.filter(pk=customer.pk).update(keeper=keeper)
    assert whose(customer) == keeper.pk


@pytest.mark.django_db
def test_an_employees_list_holds_their_own_customers_only(as_, manager_a, store_a, archive):
    advisor, former = EmployeeFactory(store=store_a), EmployeeFactory(store=store_a)
    today = clock.today()
    for who, days in ((former, 200), (advisor, 100)):
        RepairOrderFactory(
            vehicle__store=store_a,
            customer=archive.bad,
            service_advisor=who,
            checked_in_on=today - timedelta(days=days),
        )
    a_night(store_a)
    found = {employee.pk: standing for employee, standing in quality.people(store_a.pk, today)}
    assert set(found) == {advisor.pk}
    client = as_(manager_a)
    for employee, expected in ((advisor, 1), (former, 0)):
        asked = {"item": "phone", "store": store_a.pk, "employee": employee.pk}
        assert client.get(reverse("customers:quality_cards"), asked).context["count"].number == expected


@pytest.mark.django_db
def test_a_specialist_sees_the_own_line_and_nobody_elses(as_, specialist_a, store_a, archive):
    other = EmployeeFactory(store=store_a, name="别人")
    Customer.objects.filter(pk=archive.bad.pk).update(created_by=other)
    Customer.objects.filter(pk=archive.good.pk).update(created_by=specialist_a.employee)
    a_night(store_a)
    client = as_(specialist_a)
    page = client.get(reverse("customers:quality"))
    assert [line["label"].split(" ")[0] for line in page.context["people"]] == [specialist_a.employee.name]
    asked = {"item": "phone", "store": store_a.pk, "employee": other.pk}
    assert client.get(reverse("customers:quality_cards"), asked).status_code == 403


# ---- the page -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_before_the_first_night_the_page_says_so(as_, manager_a, store_a):
    page = as_(manager_a, language="en").get(reverse("customers:quality"))
    assert "No figures yet" in page.content.decode()


@pytest.mark.django_db
def test_the_trend_takes_the_last_night_of_each_month(store_a):
    today = clock.today()
    first = today.replace(day=1)
    for day, good in ((first - timedelta(days=2), 1), (first - timedelta(days=1), 2), (today, 3)):
        keeping.keep(store_a.pk, day, {(None, "phone"): (good, 4)})
    assert [one.score for one in quality.trend(store_a.pk, today)] == [Decimal("50.0"), Decimal("75.0")]


@pytest.mark.django_db
def test_the_picture_of_the_trend_is_drawn(as_, manager_a, store_a, archive):
    a_night(store_a)
    answer = as_(manager_a).get(reverse("customers:quality_chart"), {"store": store_a.pk})
    assert answer["Content-Type"].startswith("image/svg")


@pytest.mark.django_db
def test_counting_costs_one_query_for_any_number_of_cards(store_a, archive):
    def queries():
        ids = list(Customer.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as made:
            quality.count(store_a.pk, ids, clock.today())
        return len(made)

    few = queries()
    for _ in range(20):
        PhoneFactory(customer=CustomerFactory(store=store_a))
    assert queries() == few == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("plate", "bought", "fails"), [("", 10, False), ("", 61, True), ("", None, True), ("渝AD12345", 900, False)]
)
def test_a_new_car_may_wait_for_its_plate(store_a, plate, bought, fails):
    today = clock.today()
    role = VehicleRoleFactory(
        vehicle__store=store_a,
        vehicle__plate_no=plate,
        vehicle__purchased_on=today - timedelta(days=bought) if bought else None,
    )
    item = next(one for one in items() if one.code == "cars")
    assert Customer.objects.filter(item.failing(today), pk=role.customer_id).exists() == fails

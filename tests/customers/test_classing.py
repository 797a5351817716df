"""The night of a store: contribution, value, lifecycle and years of every customer, against a plain count."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.jobs.runner import run
from customers import classing
from customers.actions import cards, years
from customers.actions.classes import set_classes
from customers.actions.defection import note_defection
from customers.models import ClassChange, ClassDefinition, Customer, YearValue
from revisits import classes
from revisits.classes import Basis, reckon
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    DeliveryFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db


def customer_with(store, *orders, **values):
    """A customer with settled orders: (day of release, yuan)."""
    customer = CustomerFactory(store=store, **values)
    for day, yuan in orders:
        order(customer, day, yuan)
    return customer


def order(customer, day, yuan, **values):
    return RepairOrderFactory(
        store=customer.store, customer=customer, vehicle=VehicleFactory(store=customer.store),
        checked_in_on=day, handed_back_on=day, total_fee=Decimal(yuan), **values,
    )  # fmt: skip


def night(store, today=DAY):
    """Reckon everybody of a store as the job does."""
    years.forget_merged(store.pk)
    ids = list(Customer.objects.standing().filter(store=store).order_by("pk").values_list("pk", flat=True))
    return reckon(Basis.of(store.pk, today), ids, years.years_to_reckon(store.pk, today))


def test_contribution_is_what_was_settled_within_twelve_months(store_a, store_b):
    customer = customer_with(store_a, (DAY, 100), (DAY - timedelta(days=364), 20), (DAY - timedelta(days=366), 1000))
    order(customer, DAY, 5, job_type="pdi")
    order(customer, DAY, 7, state="void", released_on=None)
    order(customer, DAY + timedelta(days=1), 9)
    customer_with(store_b, (DAY, 1))
    assert classing.brought(store_a.pk, DAY) == {customer.pk: Decimal(120)}


def test_the_night_agrees_with_a_plain_count(store_a, store_b):
    amounts = [0, 50, 50, 100, 100, 100, 300, 400, 500, 500, 900]
    mine = {customer_with(store_a, (DAY, yuan)).pk: yuan for yuan in amounts}
    for yuan in (5000, 6000):
        customer_with(store_b, (DAY, yuan))
    night(store_a)
    for customer in Customer.objects.filter(pk__in=mine):
        yuan = mine[customer.pk]
        better, not_better = sum(one > yuan for one in amounts), sum(one <= yuan for one in amounts)
        expected = "gold" if better < 1 else "drag" if not_better <= 2 else None
        share = (Decimal(100 * (better + 1)) / len(amounts)).quantize(Decimal("0.01"))
        assert customer.value_share == share
        if expected:
            assert customer.value_class == expected
        else:  # 60 % place, no car: no potential, neither loyal nor lost
            points = Decimal(60 * not_better) / len(amounts) + 10
            assert customer.value_class == ("a" if points >= 70 else "b" if points >= 40 else "c")


def test_a_stated_class_is_left_until_somebody_takes_it_away(store_a, manager_a):
    customer = customer_with(store_a, (DAY, 100))
    seen = {"value_class": ""}
    cards.edit_customer(customer.pk, values={"value_class": "c"}, seen=seen, by=manager_a.employee, now=NOON)
    night(store_a)
    customer.refresh_from_db()
    assert (customer.value_class, customer.value_stated, customer.value_because) == ("c", True, "stated")
    assert customer.value_share == 100
    cards.edit_customer(
        customer.pk, values={"value_class": ""}, seen={"value_class": "c"}, by=manager_a.employee, now=NOON
    )
    night(store_a)
    customer.refresh_from_db()
    assert (customer.value_class, customer.value_stated, customer.value_because) == ("gold", False, "top")


def test_years_of_the_calendar_are_kept_and_a_past_year_keeps_its_class(store_a):
    last = date(DAY.year - 1, 12, 31)
    customer = customer_with(store_a, (last, 100), (last, 30))
    night(store_a, last)
    order(customer, DAY, 10)
    night(store_a)
    kept = list(YearValue.objects.order_by("year").values_list("year", "amount", "visits", "value_class"))
    now = Customer.objects.get(pk=customer.pk).value_class
    assert kept == [(last.year, Decimal(130), 2, "gold"), (DAY.year, Decimal(10), 1, now)]


def test_only_years_whose_orders_changed_are_reckoned_again(store_a):
    before = date(DAY.year - 1, 5, 1)
    customer = customer_with(store_a, (before, 100), (DAY, 1))
    assert years.years_to_reckon(store_a.pk, DAY) == [DAY.year - 1, DAY.year]
    night(store_a)
    assert years.years_to_reckon(store_a.pk, DAY) == [DAY.year]
    order(customer, before, 5)
    assert years.years_to_reckon(store_a.pk, DAY) == [DAY.year - 1, DAY.year]
    night(store_a)
    customer.repair_orders.filter(released_on=before).update(state="void", released_on=None)
    night(store_a)
    assert list(YearValue.objects.values_list("year", flat=True)) == [DAY.year]


def test_years_follow_the_orders_to_the_survivor_of_a_merge(store_a):
    lost, survivor = customer_with(store_a, (DAY, 100)), customer_with(store_a, (DAY, 1))
    night(store_a)
    lost.repair_orders.update(customer=survivor)
    Customer.objects.filter(pk=lost.pk).update(merged_into=survivor)
    night(store_a)
    assert list(YearValue.objects.values_list("customer", "amount")) == [(survivor.pk, Decimal(101))]


def test_a_second_night_writes_nothing(store_a, django_assert_max_num_queries):
    for number in range(12):
        customer = customer_with(store_a, (DAY, 10 * number))
        VehicleRoleFactory(vehicle=VehicleFactory(store=store_a, last_seen_on=DAY), customer=customer)
    night(store_a)
    changes = ClassChange.objects.count()
    assert night(store_a) == {"loyalty": 0, "lifecycle": 0, "value": 0}
    assert ClassChange.objects.count() == changes


def test_the_number_of_queries_of_a_night_does_not_grow_with_customers(store_a, django_assert_max_num_queries):
    customer_with(store_a, (DAY, 100))
    with django_assert_max_num_queries(60) as first:
        night(store_a)
    for number in range(15):
        customer_with(store_a, (DAY, number))
    with django_assert_max_num_queries(len(first) + 1):  # changes are told apart from those of the same day
        night(store_a)


def test_lifecycle_follows_the_cars_and_what_was_told(store_a, manager_a):
    customer = CustomerFactory(store=store_a)

    def stage(today=DAY):
        classes.refresh(store_a.pk, [customer.pk], today)
        customer.refresh_from_db()
        return customer.lifecycle, customer.lifecycle_because

    assert stage() == ("prospect", "no_car_yet")
    car = VehicleFactory(store=store_a, sold_here=True, last_seen_on=DAY)
    role = VehicleRoleFactory(vehicle=car, customer=customer)
    DeliveryFactory(vehicle=car, customer=customer, delivered_on=DAY)
    assert stage() == ("new", "begun")
    assert stage(DAY + timedelta(days=200)) == ("active", "comes")
    told = DAY + timedelta(days=200)
    note_defection(customer.pk, kind="", reason="fees", told_on=told, by=manager_a.employee, today=told)
    assert stage(told) == ("at_risk", "told")
    assert customer.defection_type == "price"
    assert stage(DAY + timedelta(days=365)) == ("at_risk", "told")
    assert stage(DAY + timedelta(days=400)) == ("lost", "not_seen")
    role.until = DAY + timedelta(days=400)
    role.save(update_fields=["until"])
    assert stage(DAY + timedelta(days=401)) == ("former", "no_car_now")
    path = ClassChange.objects.filter(scheme="lifecycle").order_by("changed_on").values_list("after", flat=True)
    assert list(path) == ["new", "at_risk", "lost", "former"]


def test_numbers_of_a_store_come_before_those_of_the_company(store_a, store_b):
    ClassDefinition.objects.create(scheme="value", numbers={"gold_percent": 10}, changed_at=NOON)
    ClassDefinition.objects.create(store=store_a, scheme="value", numbers={"gold_percent": 50}, changed_at=NOON)
    found = [classing.numbers_of(pk)["value"]["gold_percent"] for pk in (store_a.pk, store_b.pk, None)]
    assert found == [50, 10, 10]
    for number in range(4):
        customer_with(store_a, (DAY, 10 + number))
    night(store_a)
    assert Customer.objects.filter(store=store_a, value_class="gold").count() == 2


def test_changes_of_two_schemes_on_one_day_do_not_touch_each_other(store_a):
    customer = CustomerFactory(store=store_a)
    set_classes(store_a.pk, "loyalty", {customer.pk: ("lost", "not_seen")}, on=DAY)
    set_classes(store_a.pk, "lifecycle", {customer.pk: ("lost", "not_seen")}, on=DAY)
    set_classes(store_a.pk, "value", {customer.pk: ("a", "points", Decimal("18.00"), "high")}, on=DAY)
    assert ClassChange.objects.count() == 3
    customer.refresh_from_db()
    assert (customer.value_share, customer.potential, customer.value_since) == (Decimal(18), "high", DAY)


def test_the_job_reckons_everything_and_again_without_a_move(store_a, manager_a, monkeypatch):
    monkeypatch.setattr("revisits.classes.CHUNK", 2)
    for number in range(5):
        customer_with(store_a, (clock.today(), 10 * number))
    first = classes.ask_now(store_a, manager_a.employee)
    run(first.pk)
    classes.ask_for_classes(clock.today())
    second = Job.objects.filter(kind=classes.KIND).latest("pk")
    run(second.pk)
    results = [Job.objects.get(pk=job.pk).result for job in (first, second)]
    assert [result["moved"] > 0 for result in results] == [True, False]
    assert results[1]["customers"] == 5


def test_the_card_shows_every_class_with_its_reason_and_share(as_, manager_a, store_a):
    customer = customer_with(store_a, (DAY, 100))
    night(store_a)
    page = as_(manager_a).get(reverse("customers:card", args=[customer.pk])).content.decode()
    for words in ("金牌", "本店前 100%", "近 12 个月贡献排在前 5%", "昨夜重算", "历史客户"):
        assert words in page

"""The class on the card: reckoned from visits, complaints and answers, kept with its changes, shown and filtered."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from complaints import actions as complaints
from complaints.models import Confirmation, Kind, Source, State
from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.jobs.runner import run
from customers.actions.classes import set_classes
from customers.models import ClassChange
from revisits import classes
from satisfaction import actions
from tests.factories import (
    DAY,
    CustomerFactory,
    EmployeeFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.satisfaction.surveys import respond, short_answers

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=366)


def owner(store, *visits, **car):
    """A customer with a car that came on these days."""
    customer = CustomerFactory(store=store)
    vehicle = VehicleFactory(store=store, sold_here=True, last_seen_on=max(visits, default=None), **car)
    VehicleRoleFactory(vehicle=vehicle, customer=customer)
    for day in visits:
        RepairOrderFactory(vehicle=vehicle, customer=customer, checked_in_on=day)
    return customer


def class_of(customer, today=DAY):
    classes.refresh(customer.store_id, [customer.pk], today)
    customer.refresh_from_db()
    return customer.loyalty_class, customer.loyalty_because


def answer(customer, mark=9, day=DAY, **more):
    """A response of this customer with the same mark everywhere."""
    response = respond(customer.store, answers=short_answers(mark), day=day, **more)
    response.customer = customer
    response.save(update_fields=["customer"])
    return response


def complain(customer, day=DAY):
    moment = clock.at(day, 9)
    return complaints.open_ticket(
        store_id=customer.store_id, kind=Kind.COMPLAINT, source=Source.PHONE, words="车没修好",
        reported_by=EmployeeFactory(store=customer.store), received_at=moment, now=moment, submission=uuid.uuid4(),
        customer=customer,
    )  # fmt: skip


def test_who_comes_and_would_come_again_is_loyal(store_a):
    customer = owner(store_a, DAY, DAY - timedelta(days=90))
    assert class_of(customer) == ("ordinary", "comes")
    answer(customer)
    assert class_of(customer) == ("loyal", "devoted")


def test_two_orders_of_one_day_are_one_visit(store_a):
    customer = owner(store_a, DAY, DAY)
    answer(customer)
    assert class_of(customer) == ("ordinary", "comes")


def test_a_car_in_care_that_stays_away_for_a_year_is_lost_and_a_sold_one_is_not(store_a):
    assert class_of(owner(store_a, DAY - YEAR)) == ("lost", "not_seen")
    assert class_of(owner(store_a, DAY - YEAR, state="sold")) == ("", "")


def test_an_open_complaint_and_one_closed_unhappily_make_it_complaining(store_a):
    customer = owner(store_a, DAY)
    ticket = complain(customer)
    assert class_of(customer) == ("complaining", "open_complaint")
    closed = {"state": State.CLOSED, "closed_at": clock.at(DAY, 18), "closed_on": DAY}
    type(ticket).objects.filter(pk=ticket.pk).update(**closed)
    assert class_of(customer) == ("ordinary", "comes")
    by = EmployeeFactory(store=store_a)
    Confirmation.objects.create(
        store=store_a, complaint=ticket, round=1, at=clock.at(DAY, 17), by=by, result="dissatisfied"
    )
    assert class_of(customer) == ("complaining", "dissatisfied")
    assert class_of(customer, DAY + timedelta(days=200)) == ("ordinary", "comes")


def test_a_low_index_and_a_low_answer_that_waits_make_it_complaining(store_a):
    customer, other = owner(store_a, DAY), owner(store_a, DAY)
    answer(customer, 5)
    assert class_of(customer) == ("complaining", "low_index")
    answer(customer, 9, day=DAY + timedelta(days=1))
    assert class_of(customer, DAY + timedelta(days=1)) == ("ordinary", "comes")
    answer(other, 5, channel="tablet", decision="pending")
    assert class_of(other) == ("complaining", "pending_low")


def test_a_decision_moves_the_customer_at_once(manager_a, store_a):
    customer = owner(store_a, DAY)
    assert class_of(customer) == ("ordinary", "comes")
    low = respond(store_a, answers=short_answers(9, reception=4), channel="tablet", decision="pending")
    type(low).objects.filter(pk=low.pk).update(customer=customer)
    actions.decide(low.pk, decision="complaint", by=manager_a.employee, at=clock.at(DAY, 15))
    customer.refresh_from_db()
    assert (customer.loyalty_class, customer.loyalty_because) == ("complaining", "open_complaint")


def test_changes_are_kept_once_a_day_with_the_day_since(store_a):
    customer = owner(store_a, DAY)
    later = DAY + timedelta(days=3)
    set_classes(store_a.pk, "loyalty", {customer.pk: ("ordinary", "comes")}, on=DAY)
    set_classes(store_a.pk, "loyalty", {customer.pk: ("complaining", "open_complaint")}, on=later)
    set_classes(store_a.pk, "loyalty", {customer.pk: ("complaining", "dissatisfied")}, on=later)
    customer.refresh_from_db()
    assert (customer.loyalty_class, customer.loyalty_because, customer.loyalty_since) == (
        "complaining", "dissatisfied", later,
    )  # fmt: skip
    set_classes(store_a.pk, "loyalty", {customer.pk: ("loyal", "devoted")}, on=later)
    kept = list(ClassChange.objects.order_by("changed_on").values_list("before", "after", "changed_on"))
    assert kept == [("", "ordinary", DAY), ("ordinary", "loyal", later)]
    set_classes(store_a.pk, "loyalty", {customer.pk: ("ordinary", "comes")}, on=later)
    assert ClassChange.objects.count() == 1


def test_another_stores_customer_is_not_touched(store_a, store_b):
    customer = owner(store_b, DAY)
    assert set_classes(store_a.pk, "loyalty", {customer.pk: ("loyal", "devoted")}, on=DAY) == 0


def test_the_night_classes_every_customer_of_a_store_once(store_a, monkeypatch):
    monkeypatch.setattr("revisits.classes.CHUNK", 2)
    mine = [owner(store_a, clock.today()) for _each in range(5)]
    for _twice in range(2):
        classes.ask_for_classes(clock.today())
    job = Job.objects.get(kind=classes.KIND)
    run(job.pk)
    job.refresh_from_db()
    assert job.result["by_scheme"] == {"loyalty": 5, "lifecycle": 5, "value": 5}
    assert ClassChange.objects.filter(scheme="loyalty").count() == len(mine)


def test_the_number_of_queries_does_not_grow_with_customers(store_a, django_assert_max_num_queries):
    few = [owner(store_a, DAY).pk for _each in range(2)]
    with django_assert_max_num_queries(28) as first:
        classes.refresh(store_a.pk, few, DAY)
    many = [owner(store_a, DAY).pk for _each in range(12)]
    with django_assert_max_num_queries(len(first)):
        classes.refresh(store_a.pk, many, DAY)


def test_the_card_says_why_and_since_and_the_list_filters(as_, manager_a, store_a):
    customer, other = owner(store_a, DAY - YEAR), owner(store_a, DAY)
    class_of(customer), class_of(other)
    client = as_(manager_a)
    page = client.get(reverse("customers:card", args=[customer.pk])).content.decode()
    assert "流失" in page
    assert "超过 12 个月没有来店" in page
    assert f"{DAY} 起" in page
    rows = client.get(reverse("customers:list"), {"loyalty": "lost"}).context["rows"]
    assert [row["customer"] for row in rows] == [customer]

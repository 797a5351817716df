"""What reception asks of whoever is here today: few facts, filled in one line, and left alone afterwards."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from customers.actions import phone_checks
from customers.care import reception
from customers.models import FactCheck, OrderState, VehicleRole
from customers.rules import reception as rules
from tests.factories import CustomerFactory, PhoneFactory, RepairOrderFactory, VehicleRoleFactory


@pytest.mark.parametrize(
    ("lacking", "lately", "today", "expected"),
    [
        ({"driver", "phone"}, set(), 0, ["phone", "driver"]),
        ({"driver", "phone", "address", "insurance"}, set(), 0, ["phone", "address", "insurance"]),
        ({"driver", "phone"}, {"phone"}, 0, ["driver"]),
        ({"driver", "address"}, set(), 2, ["address"]),
        ({"driver"}, set(), 3, []),
    ],
)
def test_few_facts_are_asked_at_a_visit(lacking, lately, today, expected):
    assert rules.to_ask(lacking, lately, today) == expected


def visitor(store, *, org=False, **facts):
    """A customer whose car is in the workshop now, with a good number, and nothing else known."""
    customer = CustomerFactory(store=store, customer_type="org" if org else "person", **facts)
    PhoneFactory(customer=customer)
    role = VehicleRoleFactory(vehicle__store=store, customer=customer)
    RepairOrderFactory(
        vehicle=role.vehicle, customer=customer, state=OrderState.OPEN, checked_in_on=clock.today(),
        handed_back_on=None, released_on=None, recorded_on=clock.today(),
    )  # fmt: skip
    return customer


def facts_of(person, customer):
    found = reception.to_ask(person.user, clock.today(), only=customer.pk)
    return found[0].facts if found else []


def send(client, customer, **said):
    return client.post(reverse("customers:asked", args=[customer.pk]), said)


@pytest.mark.django_db
def test_only_whoever_is_here_is_listed(frontline_a, store_a):
    CustomerFactory(store=store_a)
    here = visitor(store_a)
    assert [one.customer for one in reception.to_ask(frontline_a.user, clock.today())] == [here]


@pytest.mark.django_db
def test_of_an_enterprise_the_driver_is_asked(frontline_a, store_a):
    assert facts_of(frontline_a, visitor(store_a)) == ["address", "insurance"]
    assert facts_of(frontline_a, visitor(store_a, org=True)) == ["address", "insurance", "driver"]


@pytest.mark.django_db
def test_everything_told_is_written_down_and_the_line_leaves(as_, frontline_a, store_a):
    customer = visitor(store_a, org=True)
    until = clock.today() + timedelta(days=100)
    answer = send(as_(frontline_a), customer, address="长江路8号", insurance_until=until.isoformat(), driver="王强")
    assert answer.status_code == 302
    customer.refresh_from_db()
    role = VehicleRole.objects.get(role="driver")
    assert (customer.address, role.vehicle.insurance_until, role.contact.name) == ("长江路8号", until, "王强")
    assert reception.to_ask(frontline_a.user, clock.today()) == []


@pytest.mark.django_db
def test_what_was_not_told_is_left_alone_for_a_while(as_, frontline_a, store_a):
    customer = visitor(store_a)
    send(as_(frontline_a), customer, declined="1")
    assert facts_of(frontline_a, customer) == []
    FactCheck.objects.update(done_on=clock.today() - timedelta(days=rules.ASK_AGAIN_DAYS))
    assert facts_of(frontline_a, customer) == ["address", "insurance"]


@pytest.mark.django_db
def test_half_an_answer_leaves_the_other_half_to_be_asked(as_, frontline_a, store_a):
    customer = visitor(store_a)
    send(as_(frontline_a), customer, address="长江路8号")
    assert facts_of(frontline_a, customer) == ["insurance"]


@pytest.mark.django_db
def test_an_empty_answer_is_refused_and_a_wrong_day_is_told(as_, frontline_a, store_a):
    customer, client = visitor(store_a), as_(frontline_a)
    assert send(client, customer).status_code == 422
    answer = send(client, customer, insurance_until="13月", address="长江路8号")
    assert answer.status_code == 422
    assert "长江路8号" in answer.content.decode()


@pytest.mark.django_db
def test_a_number_found_bad_after_it_was_asked_is_asked_again(as_, frontline_a, store_a):
    customer = visitor(store_a, address="长江路8号")
    customer.check_phone_since = clock.today() - timedelta(days=3)
    customer.save(update_fields=["check_phone_since"])
    send(as_(frontline_a), customer, declined="1")
    assert "phone" not in facts_of(frontline_a, customer)
    customer.check_phone_since = None
    customer.save(update_fields=["check_phone_since"])
    tomorrow = clock.today() + timedelta(days=1)
    phone_checks.ask_phone_check(customer.pk, reason="VACANT", by=frontline_a.employee, on=tomorrow)
    assert "phone" in facts_of(frontline_a, customer)


@pytest.mark.django_db
def test_a_number_that_is_right_ends_the_wish(as_, frontline_a, store_a):
    customer = visitor(store_a)
    phone_checks.ask_phone_check(customer.pk, reason="VACANT", by=frontline_a.employee, on=clock.today())
    send(as_(frontline_a), customer, right="phone")
    customer.refresh_from_db()
    assert customer.check_phone_since is None
    assert customer.phones.get().good_on == clock.today()


@pytest.mark.django_db
def test_the_second_of_two_answers_is_told_so(as_, frontline_a, store_a):
    customer, client = visitor(store_a), as_(frontline_a)
    send(client, customer, declined="1")
    answer = client.post(reverse("customers:asked", args=[customer.pk]), {"address": "长江路"}, follow=True)
    assert customer.name in answer.content.decode()
    customer.refresh_from_db()
    assert customer.address == ""


@pytest.mark.django_db
def test_more_visitors_cost_no_more_queries(as_, frontline_a, store_a):
    client = as_(frontline_a)

    def queries():
        with CaptureQueriesContext(connection) as made:
            client.get(reverse("customers:to_ask"))
        return len(made)

    visitor(store_a)
    client.get(reverse("customers:to_ask"))
    few = queries()
    for _ in range(10):
        visitor(store_a, org=True)
    assert queries() == few

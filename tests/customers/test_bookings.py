"""Bookings: asked for once, moved by rule, and fulfilled by the visit that was meant."""

import uuid
from datetime import date, time, timedelta

import pytest

from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from customers.actions import bookings
from customers.models import Booking
from customers.rules import bookings as rules
from tests.factories import DAY, NOON, CustomerFactory, VehicleFactory

TOMORROW = DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "to", "days", "allowed"),
    [
        ("asked", "confirmed", 1, True),
        ("asked", "confirmed", 0, True),
        ("asked", "confirmed", -1, False),  # the day is over
        ("asked", "came", 0, True),
        ("asked", "came", 5, True),  # earlier than booked
        ("asked", "cancelled", 1, True),
        ("asked", "missed", -1, True),
        ("asked", "missed", 0, False),  # the day is not over
        ("confirmed", "missed", -1, True),
        ("confirmed", "asked", 1, False),
        ("missed", "came", -2, True),  # came after all
        ("missed", "cancelled", -2, False),
        ("came", "missed", -2, False),
        ("cancelled", "confirmed", 1, False),
    ],
)
def test_a_booking_goes_only_where_the_table_says(state, to, days, allowed):
    assert rules.may_go(state, to, DAY + timedelta(days=days), DAY) is allowed


@pytest.mark.parametrize(
    ("days", "meant"), [(-4, False), (-3, True), (0, True), (7, True), (8, False)],
)  # fmt: skip
def test_a_visit_near_the_wanted_day_is_the_one_that_was_booked(days, meant):
    assert rules.fulfils(DAY + timedelta(days=days), DAY) is meant


@pytest.mark.parametrize(("days", "bookable"), [(-1, False), (0, True), (365, True), (366, False)])
def test_a_visit_is_booked_for_a_day_to_come(days, bookable):
    assert rules.is_bookable(DAY + timedelta(days=days), DAY) is bookable


@pytest.fixture
def by(specialist_a):
    return specialist_a.employee


@pytest.fixture
def car(store_a):
    return VehicleFactory(store=store_a)


def ask(car, by, day=TOMORROW, submission=None, **values):
    return bookings.ask(
        car.pk, wanted_on=day, by=by, now=NOON, submission=submission or uuid.uuid4(), **values
    )  # fmt: skip


@pytest.mark.django_db
def test_a_booking_is_asked_for_and_stands_in_the_trail(car, by, store_a):
    customer = CustomerFactory(store=store_a)
    booking = ask(car, by, customer_id=customer.pk, wanted_at=time(9, 30), what=" 定期保养 ")
    assert (booking.state, booking.what, booking.customer, booking.asked_by) == ("asked", "定期保养", customer, by)
    assert list(Booking.objects.ahead(TOMORROW)) == [booking]
    assert Entry.objects.get(subject_type="customers.booking").action == "booking.asked"


@pytest.mark.django_db
def test_the_second_click_asks_for_nothing_more(car, by):
    submission = uuid.uuid4()
    assert ask(car, by, submission=submission) == ask(car, by, submission=submission)
    assert Booking.objects.count() == 1


@pytest.mark.django_db
def test_the_same_day_named_again_takes_over_the_new_time(car, by):
    first = ask(car, by, wanted_at=time(9), what="保养")
    again = ask(car, by, wanted_at=time(14))
    assert again == first
    assert (again.wanted_at, again.what, again.version) == (time(14), "保养", 2)


@pytest.mark.django_db
@pytest.mark.parametrize("day", [DAY - timedelta(days=1), DAY + timedelta(days=400)])
def test_a_day_that_cannot_be_meant_is_refused(car, by, day):
    with pytest.raises(RuleBroken) as refused:
        ask(car, by, day)
    assert (refused.value.code, refused.value.field) == ("booking_day", "wanted_on")


@pytest.mark.django_db
def test_a_car_that_was_sold_is_not_booked(car, by):
    type(car).objects.filter(pk=car.pk).update(state="sold")
    with pytest.raises(RuleBroken) as refused:
        ask(car, by)
    assert refused.value.code == "booking_car"


@pytest.mark.django_db
def test_a_stranger_of_another_store_does_not_book(car, by, store_b):
    with pytest.raises(RuleBroken):
        ask(car, by, customer_id=CustomerFactory(store=store_b).pk)


@pytest.mark.django_db
def test_what_became_of_a_booking_is_said_once(car, by):
    booking = ask(car, by)
    assert bookings.confirm(booking.pk, by=by, today=DAY).state == "confirmed"
    bookings.confirm(booking.pk, by=by, today=DAY)
    assert bookings.cancel(booking.pk, by=by, today=DAY).state == "cancelled"
    assert not Booking.objects.ahead(date.min)
    told = Entry.objects.filter(action="booking.state_changed").order_by("pk")
    assert [entry.detail["state"] for entry in told] == [["asked", "confirmed"], ["confirmed", "cancelled"]]


@pytest.mark.django_db
def test_nobody_is_missed_before_the_day_is_over(car, by):
    booking = ask(car, by, DAY)
    with pytest.raises(RuleBroken) as refused:
        bookings.missed(booking.pk, by=by, today=DAY)
    assert refused.value.code == "booking_state"
    assert bookings.missed(booking.pk, by=by, today=TOMORROW).state == "missed"

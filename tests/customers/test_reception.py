"""Bookings, numbers to check and service intervals on their pages: who gets in, what is shown, and what it costs."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from customers.actions import dates, phone_checks, plans
from customers.models import Booking, Customer, ServicePlan, Vehicle
from tests.cast import make_person
from tests.factories import (
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db

OK, MOVED, FORBIDDEN, NOT_FOUND, INVALID = 200, 302, 403, 404, 422
ROLES = ["specialist", "frontline", "head", "manager", "admin", "director"]
AT_THE_COUNTER = {"specialist", "frontline", "manager"}


def url(name, *args):
    return reverse(f"customers:{name}", args=args)


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def today():
    return clock.today()


@pytest.fixture
def zhang(store_a):
    customer = CustomerFactory(store=store_a, name="张三")
    PhoneFactory(customer=customer, number="13800138001")
    return customer


@pytest.fixture
def car(zhang):
    role = VehicleRoleFactory(vehicle__store=zhang.store, vehicle__plate_no="渝AD12345", customer=zhang)
    return role.vehicle


def book(car, day, customer=None, **values):
    return Booking.objects.create(
        store_id=car.store_id, vehicle=car, customer=customer, wanted_on=day, created_at=clock.now(), **values
    )


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_in(as_, store_a, role):
    client = as_(make_person(store_a, role, f"{role}-x"))
    counter = OK if role in AT_THE_COUNTER else FORBIDDEN
    assert client.get(url("bookings")).status_code == counter
    assert client.get(url("phone_checks")).status_code == counter
    assert client.get(url("plans")).status_code == (OK if role in {"manager", "admin"} else FORBIDDEN)


# ---- bookings -------------------------------------------------------------------------------------------------------


def test_the_day_shows_its_bookings_and_those_that_nobody_settled(as_, frontline_a, zhang, car, today):
    book(car, today, zhang, what="更换刹车片")
    book(VehicleFactory(store=car.store, plate_no="渝B00002"), today - timedelta(days=2))
    book(VehicleFactory(store=car.store, plate_no="渝B00003"), today + timedelta(days=1))
    page = text(as_(frontline_a).get(url("bookings")))
    assert "张三" in page
    assert "更换刹车片" in page
    assert "渝B·00002" in page
    assert "渝B·00003" not in page
    week = text(as_(frontline_a).get(url("bookings"), {"span": "week"}))
    assert "渝B·00003" in week


@pytest.mark.parametrize("query", [{"day": "nonsense"}, {"day": "2026-02-30"}, {"span": "year"}, {"day": ""}])
def test_an_address_that_means_nothing_shows_today(as_, frontline_a, car, zhang, today, query):
    book(car, today, zhang)
    assert "张三" in text(as_(frontline_a).get(url("bookings"), query))


def test_a_step_is_taken_on_the_page_and_leads_back_to_it(as_, frontline_a, car, today):
    booking = book(car, today)
    here = url("bookings") + "?span=week"
    answer = as_(frontline_a).post(url("booking_step", booking.pk), {"to": "came", "back": here})
    booking.refresh_from_db()
    assert (answer.status_code, answer["Location"], booking.state) == (MOVED, here, "came")


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_a_step_never_leads_to_another_site(as_, frontline_a, car, today, back):
    answer = as_(frontline_a).post(url("booking_step", book(car, today).pk), {"to": "came", "back": back})
    assert answer["Location"] == url("bookings")


@pytest.mark.parametrize("to", ["missed", "asked", "nonsense", ""])
def test_a_step_that_the_table_forbids_changes_nothing(as_, frontline_a, car, today, to):
    booking = book(car, today)
    answer = as_(frontline_a).post(url("booking_step", booking.pk), {"to": to}, follow=True)
    booking.refresh_from_db()
    assert (answer.status_code, booking.state, booking.version) == (OK, "asked", 1)


def test_a_visit_is_booked_beside_the_car_once(as_, specialist_a, zhang, car, today):
    client = as_(specialist_a)
    sent = {"submission": uuid.uuid4(), "wanted_on": today + timedelta(days=3), "wanted_at": "09:30", "what": "保养"}
    for _click in range(2):
        answer = client.post(url("booking_new", zhang.pk, car.pk), sent)
        assert answer.status_code == MOVED
    assert Booking.objects.get().customer == zhang
    assert "09:30" in text(client.get(url("card", zhang.pk)))


def test_a_day_in_the_past_is_refused_and_nothing_typed_is_lost(as_, specialist_a, zhang, car, today):
    sent = {"submission": uuid.uuid4(), "wanted_on": today - timedelta(days=1), "what": "听到异响"}
    answer = as_(specialist_a).post(url("booking_new", zhang.pk, car.pk), sent)
    assert answer.status_code == INVALID
    assert "听到异响" in text(answer)


def test_the_bookings_of_a_restricted_card_are_shown_to_managers_only(as_, frontline_a, manager_a, zhang, car, today):
    Customer.objects.filter(pk=zhang.pk).update(restricted=True)
    booking = book(car, today, zhang)
    assert "张三" not in text(as_(frontline_a).get(url("bookings")))
    assert as_(frontline_a).post(url("booking_step", booking.pk), {"to": "came"}).status_code == NOT_FOUND
    assert "张三" in text(as_(manager_a).get(url("bookings")))


def test_another_stores_bookings_are_not_there(as_, stranger_b, car, zhang, today):
    booking = book(car, today, zhang)
    assert "张三" not in text(as_(stranger_b).get(url("bookings")))
    assert as_(stranger_b).post(url("booking_step", booking.pk), {"to": "came"}).status_code == NOT_FOUND


# ---- numbers to check -----------------------------------------------------------------------------------------------


def to_check(customer, by, days=0, reason="VACANT"):
    phone_checks.ask_phone_check(customer.pk, reason=reason, by=by, on=clock.today() - timedelta(days=days))


def test_those_who_are_here_or_booked_today_come_first(as_, frontline_a, store_a, zhang, car, today):
    by = frontline_a.employee
    oldest, booked = CustomerFactory(store=store_a, name="最早的"), CustomerFactory(store=store_a, name="约好的")
    for customer, days in ((oldest, 90), (zhang, 5), (booked, 1)):
        to_check(customer, by, days)
    RepairOrderFactory(vehicle=car, customer=zhang, state="open", handed_back_on=None, recorded_on=today)
    book(VehicleRoleFactory(vehicle__store=store_a, customer=booked).vehicle, today)
    page = text(as_(frontline_a).get(url("phone_checks")))
    places = [page.index(name) for name in ("张三", "约好的", "最早的")]
    assert places == sorted(places)
    assert "138****8001" in page
    assert "13800138001" not in page


def test_the_number_that_is_said_ends_the_wish(as_, frontline_a, zhang):
    to_check(zhang, frontline_a.employee)
    client = as_(frontline_a)
    answer = client.post(url("phone_checked", zhang.pk), {"number": "139 0013 9001"})
    assert answer["Location"] == url("phone_checks")
    assert zhang.phones.order_by("rank").first().number == "13900139001"
    assert "张三" not in text(client.get(url("phone_checks"))).partition("</main>")[0].partition("<table")[2]


def test_the_known_number_is_confirmed_by_one_click_on_the_card(as_, frontline_a, zhang):
    to_check(zhang, frontline_a.employee)
    client = as_(frontline_a)
    assert "下次进厂核对电话" in text(client.get(url("card", zhang.pk)))
    answer = client.post(url("phone_checked", zhang.pk), {"right": "1", "back": "card"})
    assert answer["Location"] == url("card", zhang.pk)
    zhang.refresh_from_db()
    assert zhang.check_phone_since is None


@pytest.mark.parametrize("typed", ["12345", "", "abc"])
def test_what_is_no_number_is_refused_beside_its_field(as_, frontline_a, zhang, typed):
    to_check(zhang, frontline_a.employee)
    answer = as_(frontline_a).post(url("phone_checked", zhang.pk), {"number": typed})
    assert answer.status_code == INVALID
    assert f'value="{typed}"' in text(answer)
    assert "aria-invalid" in text(answer)
    zhang.refresh_from_db()
    assert zhang.check_phone_since is not None


def test_the_search_marks_who_is_to_be_asked(as_, manager_a, zhang):
    to_check(zhang, manager_a.employee)
    assert "核对电话" in text(as_(manager_a).get(url("list")))


# ---- service intervals ----------------------------------------------------------------------------------------------

INTERVALS = {"first_km": 5000, "first_months": 3, "next_km": 5000, "next_months": 3}


def company_row():
    return ServicePlan.objects.get(store=None, series="", power="")


def test_a_changed_row_is_the_stores_own_and_its_cars_follow(as_, manager_a, store_a, car):
    client = as_(manager_a)
    row = company_row()
    shown = plans.mark(row)
    answer = client.post(url("plan", row.pk) + f"?store={store_a.pk}", {**INTERVALS, "shown": shown})
    assert answer.status_code == MOVED
    own = ServicePlan.objects.get(store=store_a)
    assert (own.first_months, company_row().first_months) == (3, 6)
    assert "正在重算" in text(client.get(url("plans")))


def test_a_second_save_over_somebody_elses_needs_a_second_look(as_, manager_a, admin_a, store_a):
    row = company_row()
    sent = {**INTERVALS, "shown": plans.mark(row)}
    as_(manager_a).post(url("plan", row.pk), sent)
    client = as_(admin_a)
    answer = client.post(url("plan", row.pk), {**sent, "first_months": 4})
    assert answer.status_code == INVALID
    mark = plans.mark(ServicePlan.objects.get(store=store_a))
    assert f'value="{mark}"' in text(answer)
    assert 'value="4"' in text(answer)
    assert client.post(url("plan", row.pk), {**INTERVALS, "first_months": 4, "shown": mark}).status_code == MOVED
    assert ServicePlan.objects.get(store=store_a).first_months == 4


def test_a_row_for_a_series_is_added_once(as_, manager_a, store_a, car):
    client = as_(manager_a)
    sent = {**INTERVALS, "series": car.series, "power": "", "shown": ""}
    assert client.post(url("plan_new"), sent).status_code == MOVED
    assert client.post(url("plan_new"), sent).status_code == INVALID
    assert ServicePlan.objects.get(store=store_a).series == car.series


def test_the_own_row_is_taken_out(as_, manager_a, store_a):
    own = ServicePlan.objects.create(store=store_a, series="远岚", **INTERVALS)
    answer = as_(manager_a).post(url("plan_remove", own.pk), {"shown": plans.mark(own)})
    assert answer.status_code == MOVED
    assert not ServicePlan.objects.filter(store=store_a).exists()


@pytest.mark.parametrize("km", ["0", "-1", "9999999", "x", ""])
def test_intervals_that_no_car_has_are_refused(as_, manager_a, km):
    row = company_row()
    answer = as_(manager_a).post(url("plan", row.pk), {**INTERVALS, "first_km": km, "shown": plans.mark(row)})
    assert answer.status_code == INVALID
    assert ServicePlan.objects.filter(store__isnull=False).count() == 0


# ---- the card -------------------------------------------------------------------------------------------------------


def test_the_card_says_when_a_car_is_due_and_why(as_, specialist_a, zhang, car, today):
    delivered = today - timedelta(days=100)
    DeliveryFactory(vehicle=car, customer=zhang, delivered_on=delivered)
    dates.refresh(car.store_id, [car.pk])
    car = Vehicle.objects.get(pk=car.pk)
    page = text(as_(specialist_a).get(url("card", zhang.pk)))
    assert f"{delivered} 交车后 6 个月为 {car.first_service_on}" in page
    assert "还不知道用车强度" in page
    vehicle = text(as_(specialist_a).get(url("vehicle", zhang.pk, car.pk)))
    assert str(car.next_maintenance_on) in vehicle


# ---- cost -----------------------------------------------------------------------------------------------------------


def fill(store, count, by, today):
    for _ in range(count):
        customer = CustomerFactory(store=store)
        PhoneFactory(customer=customer)
        car = VehicleRoleFactory(vehicle__store=store, customer=customer).vehicle
        DeliveryFactory(vehicle=car, customer=customer)
        book(car, today, customer)
        book(car, today - timedelta(days=5), customer)
        to_check(customer, by)


@pytest.mark.parametrize("name", ["bookings", "phone_checks"])
def test_more_rows_cost_no_more_queries(as_, manager_a, store_a, today, name):
    client = as_(manager_a)
    counts = []
    for count in (3, 27):
        fill(store_a, count, manager_a.employee, today)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(name)).status_code == OK
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_more_cars_on_a_card_cost_no_more_queries(as_, manager_a, zhang, today):
    client = as_(manager_a)
    counts = []
    for count in (2, 10):
        for _ in range(count):
            car = VehicleRoleFactory(vehicle__store=zhang.store, customer=zhang).vehicle
            DeliveryFactory(vehicle=car, customer=zhang)
            book(car, today)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url("card", zhang.pk)).status_code == OK
        counts.append(len(queries))
    assert counts[0] == counts[1]

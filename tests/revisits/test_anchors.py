"""Every anchor that is a day to come: which cars and customers are called, under which key, and which are not."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Booking, CustomerType
from revisits.generator import generate
from revisits.models import DeskSettings, Revisit, RuleVersion, Skip, State
from tests.factories import (
    DAY,
    NOON,
    ContactBanFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    StoreFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db

LONG_AGO = NOON - timedelta(days=900)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def car(store, *, owner=None, **values):
    """A car with an owner who has a number and agrees to marketing, known for long."""
    values.setdefault("created_at", LONG_AGO)
    vehicle = VehicleFactory(store=store, **values)
    owner = owner or CustomerFactory(store=store, marketing_consent=True, created_at=LONG_AGO)
    if not owner.phones.exists():
        PhoneFactory(customer=owner)
    VehicleRoleFactory(vehicle=vehicle, customer=owner)
    return vehicle


def turn_on(*codes) -> None:
    RuleVersion.objects.filter(rule__code__in=codes).update(is_on=True)


def tasks() -> set[tuple[str, str, date, date]]:
    rows = Revisit.objects.values_list("rule__code", "anchor_key", "due_on", "expires_on")
    return set(rows)


# ---- one table: the stored days of a car, and what is due on DAY; the desk is closed from 1 October on ---------------

CARS = [
    ("FS_REMIND", {"first_service_on": DAY + days(15)}, "first_service", DAY, date(2026, 9, 30)),
    ("FS_LATE", {"first_service_on": DAY - days(15)}, "first_service", DAY, date(2026, 10, 9)),
    (
        "MT_REMIND",
        {"next_maintenance_on": DAY + days(10), "last_visit_on": DAY - days(170), "last_seen_on": DAY - days(170)},
        "maintenance:after:2026-03-30",
        DAY,
        date(2026, 9, 30),
    ),
    ("MT_REMIND", {"next_maintenance_on": DAY + days(10)}, "maintenance:after:0", DAY, date(2026, 9, 30)),
    ("INS_45", {"insurance_until": DAY + days(45)}, "insurance:2026-10-31", DAY, date(2026, 9, 30)),
    ("INS_30", {"insurance_until": DAY + days(30)}, "insurance:2026-10-16", DAY, date(2026, 9, 30)),
    ("INS_15", {"insurance_until": DAY + days(15)}, "insurance:2026-10-01", DAY, date(2026, 9, 30)),
    ("INSP_45", {"inspection_due_on": DAY + days(45)}, "inspection:2026-10-31", DAY, date(2026, 10, 16)),
    ("WTY_30", {"warranty_until": DAY + days(30)}, "warranty:2026-10-16", DAY, date(2026, 10, 16)),
    ("LOST_6M", {"next_maintenance_on": DAY - days(60)}, "maintenance:after:0", DAY, None),
    ("LOST_9M", {"next_maintenance_on": DAY - days(150)}, "maintenance:after:0", DAY, None),
    ("LOST_12M", {"last_seen_on": DAY - days(365)}, "lost:after:2025-09-16", DAY, None),
]


@pytest.mark.parametrize(("code", "values", "key", "due_on", "expires_on"), CARS)
def test_a_stored_day_of_a_car_makes_one_call(store_a, code, values, key, due_on, expires_on):
    RuleVersion.objects.exclude(rule__code=code).update(is_on=False)
    turn_on(code)
    vehicle = car(store_a, **values)
    car(store_a, state="sold", **values)
    generate(store_a.pk, DAY - days(1))
    assert not Revisit.objects.exists()
    generate(store_a.pk, DAY)
    task = Revisit.objects.get()
    assert (task.rule.code, task.anchor_key, task.due_on) == (code, f"vehicle:{vehicle.pk}:{key}", due_on)
    assert task.state == State.DUE
    assert (task.vehicle, task.customer, task.phone.customer) == (vehicle, task.customer, task.customer)
    if code == "FS_LATE":
        assert task.expires_on >= due_on + days(15)
    elif expires_on:
        assert task.expires_on == expires_on
    assert generate(store_a.pk, DAY).made == 0
    assert not Skip.objects.exists()


def test_a_car_that_was_here_needs_no_first_service(store_a):
    car(store_a, first_service_on=DAY + days(15), last_visit_on=DAY - days(40))
    generate(store_a.pk, DAY)
    assert not Revisit.objects.exists()


def test_the_win_back_is_the_managers_to_assign(store_a):
    car(store_a, last_seen_on=DAY - days(365))
    generate(store_a.pk, DAY)
    task = Revisit.objects.get(rule__code="LOST_12M")
    assert (task.rule_version.owner_role, task.assigned_to) == ("manager", None)


# ---- whose call it is ------------------------------------------------------------------------------------------------


def test_the_usual_driver_is_reminded_before_the_owner(store_a):
    vehicle = car(store_a, next_maintenance_on=DAY + days(10))
    driver = CustomerFactory(store=store_a)
    number = PhoneFactory(customer=driver)
    VehicleRoleFactory(vehicle=vehicle, customer=driver, role="driver")
    generate(store_a.pk, DAY)
    assert Revisit.objects.get().phone == number


def test_a_car_without_an_owner_waits_for_one(store_a):
    vehicle = VehicleFactory(store=store_a, next_maintenance_on=DAY + days(10), created_at=LONG_AGO)
    generate(store_a.pk, DAY)
    assert (Revisit.objects.get().state, Revisit.objects.get().reason) == (State.NO_NUMBER, "unknown_customer")
    owner = PhoneFactory(customer__store=store_a).customer
    VehicleRoleFactory(vehicle=vehicle, customer=owner)
    generate(store_a.pk, DAY + days(1))
    task = Revisit.objects.get()
    assert (task.state, task.customer, task.due_on) == (State.DUE, owner, DAY)


@pytest.mark.parametrize(
    ("consent", "state", "reason"),
    [(True, "due", ""), (None, "excused", "no_consent"), (False, "excused", "no_consent")],
)
def test_renewal_calls_need_the_customers_consent(store_a, consent, state, reason):
    owner = CustomerFactory(store=store_a, marketing_consent=consent)
    car(store_a, owner=owner, insurance_until=DAY + days(30))
    generate(store_a.pk, DAY)
    task = Revisit.objects.get(rule__code="INS_30")
    assert (task.state, task.reason) == (state, reason)


def test_consent_that_comes_in_time_lets_the_call_be_made(store_a):
    owner = CustomerFactory(store=store_a)
    car(store_a, owner=owner, insurance_until=DAY + days(30))
    generate(store_a.pk, DAY)
    owner.marketing_consent = True
    owner.save(update_fields=["marketing_consent"])
    generate(store_a.pk, DAY + days(1))
    task = Revisit.objects.get()
    assert (task.state, task.due_on) == (State.DUE, DAY)


@pytest.mark.parametrize(
    ("ban", "called"),
    [("marketing", {"MT_REMIND", "INSP_45"}), ("revisit", {"INS_30"}), ("all", set())],
)
def test_a_refusal_stops_the_calls_of_its_scope(store_a, ban, called):
    vehicle = car(
        store_a, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(30), inspection_due_on=DAY + days(45)
    )
    ContactBanFactory(customer=vehicle.roles.get().customer, purpose=ban, since=DAY - days(9))
    generate(store_a.pk, DAY)
    assert Revisit.objects.count() == 3
    assert set(Revisit.objects.filter(state=State.DUE).values_list("rule__code", flat=True)) == called


def test_conditions_leave_out_what_a_rule_is_not_for(store_a):
    RuleVersion.objects.filter(rule__code="MT_REMIND").update(conditions={"power": ["ev"]})
    car(store_a, next_maintenance_on=DAY + days(10), power="fuel")
    electric = car(store_a, next_maintenance_on=DAY + days(10), power="ev")
    generate(store_a.pk, DAY)
    assert Revisit.objects.get().vehicle == electric
    assert Skip.objects.get().reason == "not_covered"


def test_a_booked_visit_needs_no_reminder_until_it_is_called_off(store_a):
    vehicle = car(store_a, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(30))
    booking = Booking.objects.create(store=store_a, vehicle=vehicle, wanted_on=DAY + days(3), created_at=NOON)
    generate(store_a.pk, DAY)
    assert Revisit.objects.get().rule.code == "INS_30"
    assert Skip.objects.get().reason == "booked"
    Booking.objects.filter(pk=booking.pk).update(state="cancelled")
    generate(store_a.pk, DAY + days(1))
    assert Revisit.objects.get(rule__code="MT_REMIND").due_on == DAY
    assert not Skip.objects.exists()


# ---- birthdays and anniversaries -------------------------------------------------------------------------------------


def born(store, birthday, **values):
    values = {"marketing_consent": True, "created_at": LONG_AGO} | values
    owner = CustomerFactory(store=store, birthday=birthday, **values)
    car(store, owner=owner)
    return owner


def test_a_person_is_greeted_once_however_many_cars(store_a):
    turn_on("BDAY")
    person = born(store_a, date(1985, 9, 16))
    car(store_a, owner=person)
    born(store_a, date(1985, 9, 16), customer_type=CustomerType.ORG)
    CustomerFactory(store=store_a, birthday=date(1985, 9, 16), marketing_consent=True)  # owns no car
    generate(store_a.pk, DAY)
    task = Revisit.objects.get()
    assert (task.anchor_key, task.due_on, task.expires_on) == (f"customer:{person.pk}:birthday:2026", DAY, DAY)
    assert (task.vehicle, task.state) == (None, State.DUE)
    generate(store_a.pk, DAY + days(1))
    assert Revisit.objects.get().reason == "expired"


def test_who_was_born_on_a_leap_day_is_greeted_exactly_once_a_year(db):
    """T48: on 28 February where the year has no 29th."""
    turn_on("BDAY")
    store = StoreFactory(go_live_on=date(2026, 1, 1))
    born(store, date(2000, 2, 29), created_at=LONG_AGO)
    for first in (date(2027, 2, 26), date(2028, 2, 26)):
        for day in range(5):
            generate(store.pk, first + days(day))
    found = list(Revisit.objects.order_by("anchor_on").values_list("anchor_on", flat=True))
    assert found == [date(2027, 2, 28), date(2028, 2, 29)]


def test_birthdays_around_new_year_belong_to_their_own_year(db):
    turn_on("BDAY")
    store = StoreFactory(go_live_on=date(2026, 1, 1))
    for birthday in (date(1990, 12, 31), date(1991, 1, 1)):
        born(store, birthday)
    generate(store.pk, date(2027, 1, 2), today=date(2027, 1, 2))
    assert sorted(Revisit.objects.values_list("anchor_key", flat=True).order_by("anchor_on"))[0].endswith("2026")
    assert set(Revisit.objects.values_list("anchor_on", flat=True)) == {date(2026, 12, 31), date(2027, 1, 1)}


def test_every_year_of_a_delivery_is_an_occasion_of_its_own(store_a):
    turn_on("ANNIV")
    second = DeliveryFactory(vehicle=car(store_a), delivered_on=date(2024, 9, 16))
    DeliveryFactory(vehicle=car(store_a), delivered_on=date(2025, 9, 16), historical=True)
    DeliveryFactory(vehicle=car(store_a), delivered_on=date(2025, 9, 16), returned_on=date(2025, 10, 1))
    generate(store_a.pk, DAY)
    task = Revisit.objects.get(rule__code="ANNIV")
    assert (task.anchor_key, task.due_on, task.delivery) == (f"delivery:{second.pk}:year:2", DAY, second)


# ---- rework --------------------------------------------------------------------------------------------------------


def test_rework_that_was_detected_is_called_like_rework(store_a):
    vehicle = car(store_a)
    first = RepairOrderFactory(vehicle=vehicle, historical=True)
    again = RepairOrderFactory(
        vehicle=vehicle, checked_in_on=DAY - days(2), handed_back_on=DAY - days(1), rework_of=first
    )
    generate(store_a.pk, DAY)
    task = Revisit.objects.get(repair_order=again)
    assert task.rule.code == "SVC_RW1"


# ---- the start of a store --------------------------------------------------------------------------------------------


def test_what_was_waiting_at_the_start_is_spread_over_the_ramp(db):
    store = StoreFactory(go_live_on=DAY)
    DeskSettings.objects.create(store=store, ramp_days=4)
    for _ in range(40):
        car(store, insurance_until=DAY + days(28))
    old = car(store, insurance_until=DAY + days(10))  # its window closed before the start
    first_service = car(store, first_service_on=DAY + days(10))
    made = [generate(store.pk, DAY + days(n)).made for n in range(7)]
    assert sum(made) == 40
    assert made[4:] == [0, 0, 0]
    assert sum(count > 0 for count in made[:3]) == 3  # the 20th is a Sunday
    rows = Revisit.objects.all()
    assert not rows.filter(vehicle__in=[old, first_service]).exists()
    assert {task.expires_on for task in rows} == {date(2026, 9, 29)}


def test_the_ramp_is_the_same_for_one_late_run_as_for_daily_ones(db):
    store = StoreFactory(go_live_on=DAY)
    for ahead in range(20, 60):
        car(store, insurance_until=DAY + days(ahead), next_maintenance_on=DAY + days(ahead - 18))
    for n in range(13):
        generate(store.pk, DAY + days(n))
    last = DAY + days(12)
    daily = {row for row in tasks() if row[3] >= last >= row[2]}
    Revisit.objects.update(head=None, joined_as="")
    Revisit.objects.all().delete()
    generate(store.pk, last)
    assert {row for row in tasks() if row[3] >= last >= row[2]} == daily
    assert len(daily) > 20


# ---- speed -----------------------------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow_with_the_cars(store_a):
    def queries(count: int) -> int:
        for _ in range(count):
            car(store_a, next_maintenance_on=DAY + days(10), insurance_until=DAY + days(30))
        with CaptureQueriesContext(connection) as captured:
            generate(store_a.pk, DAY)
        return len(captured)

    queries(1)  # the first run of a store asks less: it finds nothing open to bring up to date
    assert queries(3) == queries(30)

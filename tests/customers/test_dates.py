"""The dates on cars follow their facts: by import, undo, told mileage, a changed plan; and what a visit fulfils."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs import runner
from crm_site.jobs.models import Job
from customers.actions import bookings, cars, dates, follow, mileage, plans
from customers.models import MileageReading, RepairOrder, ServicePlan, Vehicle
from tests.customers import intake, tables
from tests.customers.intake import CUSTOMER, CUSTOMERS, DELIVERIES, DELIVERY, ORDER, ORDERS, OTHER_VIN, VIN
from tests.customers.test_undo import undo
from tests.factories import DAY, DeliveryFactory, RepairOrderFactory, VehicleFactory

pytestmark = pytest.mark.django_db


def day(text):
    return date.fromisoformat(text)


def dates_of(car):
    """(first service, next maintenance, last seen, kilometres a day) as they stand."""
    car = Vehicle.objects.get(pk=car.pk)
    return car.first_service_on, car.next_maintenance_on, car.last_seen_on, car.daily_km


@pytest.fixture
def car(store_a):
    return VehicleFactory(store=store_a)


def delivered(car, on="2026-01-10", **values):
    return DeliveryFactory(vehicle=car, delivered_on=day(on), **values)


def visited(car, on, km=None, **values):
    out = {"handed_back_on": day(on), **values}
    return RepairOrderFactory(vehicle=car, checked_in_on=day(on), mileage_km=km, **out)


def refreshed(car):
    follow.follow(car.store_id, [car.pk])
    return dates_of(car)


# ---- what counts ----------------------------------------------------------------------------------------------------


def test_a_delivered_car_waits_for_its_first_service(car):
    delivered(car)
    assert refreshed(car) == (day("2026-07-10"), day("2027-01-10"), day("2026-01-10"), None)
    assert list(Vehicle.objects.awaiting_first_service()) == [car]


@pytest.mark.parametrize("values", [{"sale_type": "reseller"}, {"sale_type": "demo"}, {"returned_on": DAY}])
def test_a_car_that_is_not_ours_to_care_for_has_no_dates(car, values):
    delivered(car, **values)
    assert refreshed(car)[:3] == (None, None, None)
    assert not Vehicle.objects.awaiting_first_service().exists()


def test_a_visit_ends_the_wait_and_leaves_the_day_to_be_seen(car):
    delivered(car)
    visited(car, "2026-03-01", 2_000)  # 40 a day
    assert refreshed(car) == (day("2026-05-15"), day("2026-09-01"), day("2026-03-01"), 40)
    assert not Vehicle.objects.awaiting_first_service().exists()


@pytest.mark.parametrize("job_type", ["pdi", "free_check", "wash", "internal"])
def test_small_jobs_are_no_visit_but_their_odometers_are_read(car, job_type):
    delivered(car)
    visited(car, "2026-03-01", 2_000, job_type=job_type)
    assert refreshed(car) == (day("2026-05-15"), day("2026-11-15"), day("2026-01-10"), 40)
    assert list(Vehicle.objects.awaiting_first_service()) == [car]


def test_an_open_order_is_no_visit_yet_but_ends_the_reminding(car):
    delivered(car)
    visited(car, "2026-03-01", 2_000, state="open", handed_back_on=None, recorded_on=day("2026-03-01"))
    assert refreshed(car)[1:3] == (day("2026-11-15"), day("2026-01-10"))
    assert not Vehicle.objects.awaiting_first_service().exists()


def test_a_void_order_takes_everything_back(car):
    delivered(car)
    before = refreshed(car)
    order = visited(car, "2026-03-01", 2_000)
    assert refreshed(car) != before
    RepairOrder.objects.filter(pk=order.pk).update(state="void", released_on=None)
    assert refreshed(car) == before
    assert list(Vehicle.objects.awaiting_first_service()) == [car]


def test_a_mileage_told_in_a_call_counts_at_once(car, specialist_a):
    delivered(car)
    refreshed(car)
    told = mileage.told_mileage(car.pk, km=2_000, on=day("2026-03-01"), by=specialist_a.employee)
    assert dates_of(car) == (day("2026-05-15"), day("2026-11-15"), day("2026-01-10"), 40)
    mileage.told_mileage(car.pk, km=1_000, on=day("2026-03-01"), by=specialist_a.employee)
    assert MileageReading.objects.get() == told
    assert dates_of(car)[3] == 20


@pytest.mark.parametrize("km", [0, -5, 3_000_000])
def test_an_impossible_mileage_is_refused(car, specialist_a, km):
    with pytest.raises(RuleBroken) as refused:
        mileage.told_mileage(car.pk, km=km, on=DAY, by=specialist_a.employee)
    assert refused.value.field == "km"


def test_another_series_may_have_another_plan(car, specialist_a):
    delivered(car)
    ServicePlan.objects.create(series="锐界", first_km=5_000, first_months=3, next_km=5_000, next_months=3)
    seen = {"series": "远岚"}
    cars.edit_vehicle(car.pk, values={"series": "锐界"}, seen=seen, by=specialist_a.employee, today=DAY)
    assert dates_of(car)[:2] == (day("2026-04-10"), day("2026-07-10"))


# ---- how it is written ----------------------------------------------------------------------------------------------


def test_only_cars_with_other_dates_are_written_and_none_gets_a_version(car, store_a):
    delivered(car)
    other = VehicleFactory(store=store_a)
    assert dates.refresh(store_a.pk, [car.pk, other.pk]) == 1
    assert dates.refresh(store_a.pk, [car.pk, other.pk]) == 0
    assert Vehicle.objects.get(pk=car.pk).version == 1


def test_another_stores_car_is_left_alone(car, store_b):
    delivered(car)
    assert dates.refresh(store_b.pk, [car.pk]) == 0
    assert dates_of(car)[0] is None


@pytest.mark.parametrize("act", [dates.refresh, follow.follow])
def test_the_number_of_queries_does_not_grow_with_the_cars(store_a, act):
    counts = []
    for number in (3, 30):
        fresh = [VehicleFactory(store=store_a) for _ in range(number)]
        for car in fresh:
            delivered(car)
            visited(car, "2026-03-01", 2_000)
            visited(car, "2026-03-05", 2_100)
        with CaptureQueriesContext(connection) as queries:
            act(store_a.pk, [car.pk for car in fresh])
        counts.append(len(queries))
        assert all(dates_of(car)[0] for car in fresh)
    assert counts[0] == counts[1]


# ---- imports and their undo -----------------------------------------------------------------------------------------

SOON = {**ORDER, "工单号": "RO2", "开单时间": "2026-09-14", "结算时间": "2026-09-14", "交车时间": "2026-09-14"}
LISTS = {
    "customers": (CUSTOMERS, [{**CUSTOMER, "末次进厂日期": "2026-05-01", "末次里程": "9000"}]),
    "a delivery": (DELIVERIES, [DELIVERY]),
    "an order": (ORDERS, [ORDER]),
    "two orders": (ORDERS, [ORDER, SOON]),
    "an open order": (ORDERS, [{**ORDER, "状态": "在修", "结算时间": None, "交车时间": None}]),
}


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("name", LISTS)
def test_after_an_import_nothing_is_left_to_be_refreshed(admin_a, name, is_known):
    if is_known:
        intake.take_in(admin_a, DELIVERIES, {**DELIVERY, "交车日期": "2026-01-10", "车架号": VIN})
        intake.take_in(admin_a, DELIVERIES, {**DELIVERY, "交车日期": "2026-01-11", "车架号": OTHER_VIN})
    header, rows = LISTS[name]
    intake.take_in(admin_a, header, *rows)
    car = Vehicle.objects.get(vin=VIN)
    assert (car.last_visit_on or car.last_seen_on) is not None
    before = tables.rows()
    follow.follow(car.store_id, [car.pk])
    assert tables.rows() == before


@pytest.mark.parametrize("name", LISTS)
def test_after_an_undo_the_dates_are_as_before(admin_a, name):
    intake.take_in(admin_a, DELIVERIES, {**DELIVERY, "交车日期": "2026-01-10"})
    intake.take_in(admin_a, ORDERS, {**ORDER, "工单号": "RO0", "开单时间": "2026-02-20", "进厂里程": 1000,
                                     "结算时间": "2026-02-20", "交车时间": "2026-02-20"})  # fmt: skip
    before = tables.rows()
    header, rows = LISTS[name]
    batch = intake.take_in(admin_a, header, *rows)
    assert tables.rows() != before
    undo(admin_a, batch)
    assert tables.rows() == before


# ---- 返修 -----------------------------------------------------------------------------------------------------------


def reworked():
    return dict(RepairOrder.objects.values_list("order_number", "rework_of__order_number"))


def test_the_same_trade_within_the_guarantee_is_rework(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER)
    intake.take_in(admin_a, ORDERS, SOON)
    assert reworked() == {"RO1": None, "RO2": "RO1"}
    assert not RepairOrder.objects.filter(is_rework=True).exists()


def test_a_new_car_with_both_orders_in_one_file_is_looked_at_too(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER, SOON)
    assert reworked() == {"RO1": None, "RO2": "RO1"}


def test_another_trade_is_no_rework(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER, {**SOON, "维修类别": "钣喷", "主修技师": "牛师傅"})
    assert reworked() == {"RO1": None, "RO2": None}


def test_a_tick_stands_by_itself(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER, {**SOON, "维修类别": "返修"})
    order = RepairOrder.objects.get(order_number="RO2")
    assert (order.is_rework, order.rework_of) == (True, None)


def test_it_is_undone_when_the_earlier_order_turns_void(admin_a):
    intake.take_in(admin_a, ORDERS, ORDER, SOON)
    intake.take_in(admin_a, ORDERS, {**ORDER, "状态": "作废"})
    assert reworked() == {"RO1": None, "RO2": None}


def test_taking_the_earlier_order_back_takes_the_rework_back(admin_a):
    first = intake.take_in(admin_a, ORDERS, ORDER)
    intake.take_in(admin_a, ORDERS, SOON)
    undo(admin_a, first)
    assert reworked() == {"RO2": None}


# ---- bookings that were kept ----------------------------------------------------------------------------------------


@pytest.fixture
def booking(admin_a, specialist_a):
    intake.take_in(admin_a, DELIVERIES, {**DELIVERY, "交车日期": "2026-01-10"})
    return bookings.ask(
        Vehicle.objects.get().pk, wanted_on=day("2026-09-12"), by=specialist_a.employee,
        now=clock.at(day("2026-09-09"), 9), submission=uuid.uuid4(),
    )  # fmt: skip


def test_the_order_of_the_day_keeps_the_booking_and_its_undo_opens_it_again(admin_a, booking):
    before = tables.rows()
    batch = intake.take_in(admin_a, ORDERS, ORDER)  # checked in on 10 September
    booking.refresh_from_db()
    assert booking.state == "came"
    undo(admin_a, batch)
    assert tables.rows() == before


@pytest.mark.parametrize(
    "values",
    [
        {"开单时间": "2026-09-08"},  # before anybody asked
        {"维修类别": "洗车"},
        {"状态": "作废"},
    ],
)
def test_not_every_order_is_the_visit_that_was_booked(admin_a, booking, values):
    intake.take_in(admin_a, ORDERS, {**ORDER, **values})
    booking.refresh_from_db()
    assert booking.state == "asked"


# ---- plans ----------------------------------------------------------------------------------------------------------

VALUES = {"first_km": 5_000, "first_months": 3, "next_km": 5_000, "next_months": 3}


def save(store, by, shown="", series="", power="", **values):
    return plans.save_plan(store, series=series, power=power, values={**VALUES, **values}, shown=shown, by=by)


def company_mark():
    return plans.mark(ServicePlan.objects.get(store=None, series="", power=""))


def run_refresh():
    job = Job.objects.filter(kind=plans.KIND).first()
    runner.run(job.pk)
    job.refresh_from_db()
    return job.result


def test_a_stores_own_row_precedes_the_companys_and_its_cars_follow(car, store_a, store_b, manager_a):
    delivered(car)
    elsewhere = VehicleFactory(store=store_b)
    delivered(elsewhere)
    for one in (car, elsewhere):
        refreshed(one)
    save(store_a, manager_a.employee, company_mark())
    assert run_refresh() == {"cars": 1, "changed": 1}
    assert dates_of(car)[0] == day("2026-04-10")
    assert dates_of(elsewhere)[0] == day("2026-07-10")


def test_taking_the_own_row_out_lets_the_companys_hold_again(car, store_a, manager_a):
    delivered(car)
    own = save(store_a, manager_a.employee, company_mark())
    run_refresh()
    plans.remove_plan(own.pk, shown=plans.mark(own), by=manager_a.employee)
    assert run_refresh()["changed"] == 1
    assert dates_of(car)[0] == day("2026-07-10")


def test_two_people_at_one_row_do_not_overwrite_each_other(store_a, manager_a, admin_a):
    shown = company_mark()
    own = save(store_a, manager_a.employee, shown)
    with pytest.raises(RuleBroken) as refused:
        save(store_a, admin_a.employee, shown, first_months=9)
    assert refused.value.code == "overlap"
    changed = save(store_a, admin_a.employee, plans.mark(own), first_months=9)
    with pytest.raises(RuleBroken):
        plans.remove_plan(own.pk, shown=plans.mark(own), by=manager_a.employee)
    assert (changed.pk, changed.version) == (own.pk, 2)


def test_saving_what_stands_asks_for_nothing(store_a, manager_a):
    own = save(store_a, manager_a.employee, company_mark())
    count = Job.objects.count()
    assert save(store_a, manager_a.employee, plans.mark(own)).version == 1
    assert Job.objects.count() == count


def test_the_companys_row_is_not_taken_out(store_a, manager_a):
    row = ServicePlan.objects.get(store=None, series="", power="")
    with pytest.raises(RuleBroken) as refused:
        plans.remove_plan(row.pk, shown=plans.mark(row), by=manager_a.employee)
    assert refused.value.code == "company_row"


def test_a_due_day_can_be_explained(car):
    delivered(car)
    visited(car, "2026-03-01", 2_000)
    refreshed(car)
    found = dates.explain([Vehicle.objects.get(pk=car.pk)])[car.pk]
    due = found.next_maintenance
    assert (due.since, due.by_months, due.by_km) == (day("2026-03-01"), day("2026-09-01"), day("2026-09-05"))
    assert due.on == dates_of(car)[1]
    assert due.since + timedelta(days=-(-7_500 // found.daily_km)) == due.by_km

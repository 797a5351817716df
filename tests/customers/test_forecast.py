"""First service and next maintenance: the table by series and power, months against mileage, odometers that lie."""

from datetime import date

import pytest

from customers.rules.forecast import (
    History,
    Interval,
    Plan,
    Reading,
    Visit,
    believed,
    daily_km,
    forecast,
    plan_for,
)

DELIVERED = date(2026, 1, 10)
PLAN = Plan(first=Interval(5_000, 6), following=Interval(7_500, 6))


def readings(*pairs):
    return [Reading(date.fromisoformat(on), km) for on, km in pairs]


# ---- kilometres a day -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "daily"),
    [
        ([], None),
        ([("2026-01-10", 0)], None),
        ([("2026-01-10", 0), ("2026-02-08", 900)], None),  # 29 days
        ([("2026-01-10", 0), ("2026-02-09", 900)], 30),  # 30 days
        ([("2026-01-10", 0), ("2026-02-09", 915)], 31),  # 30.5 is rounded up
        ([("2026-01-10", 0), ("2026-02-09", 914)], 30),
        ([("2026-01-10", 0), ("2026-04-20", 100)], 5),  # a car that stands
        ([("2026-01-10", 0), ("2026-04-20", 100_000)], 200),  # a taxi, or a slip of the finger
        ([("2026-01-10", 0), ("2026-01-20", 5_000), ("2026-04-20", 4_000)], None),  # the fallen one is left out
        ([("2026-01-10", 0), ("2026-03-11", 3_000), ("2026-04-20", 2_000)], 50),
        ([("2026-01-10", 0), ("2026-02-19", 384_200), ("2026-03-11", 3_000), ("2026-04-20", 5_000)], 50),
        ([("2026-04-20", 5_000), ("2026-01-10", 0)], 50),  # the order of learning does not matter
        ([("2024-02-28", 1_000), ("2024-03-30", 2_240)], 40),  # 31 days over a leap day
    ],
)
def test_kilometres_a_day(told, daily):
    assert daily_km(believed(readings(*told))) == daily


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([0, 10, 10, 20], [0, 10, 10, 20]),
        ([0, 50, 30], [0, 50]),
        ([0, 900, 30, 40], [0, 30, 40]),
        ([9, 8, 7], [9]),
        ([], []),
    ],
)
def test_of_falling_odometers_the_longest_row_is_believed(told, kept):
    rows = [Reading(date(2026, 1, day), km) for day, km in enumerate(told, start=1)]
    assert [row.km for row in believed(rows)] == kept


# ---- which row of the table -----------------------------------------------------------------------------------------

ROWS = {
    "any": Plan(Interval(1, 1), Interval(1, 1)),
    "any here": Plan(Interval(2, 1), Interval(1, 1), store_id=7),
    "electric": Plan(Interval(3, 1), Interval(1, 1), power="ev"),
    "electric here": Plan(Interval(4, 1), Interval(1, 1), power="ev", store_id=7),
    "Eado": Plan(Interval(5, 1), Interval(1, 1), series="Eado"),
    "Eado here": Plan(Interval(6, 1), Interval(1, 1), series="Eado", store_id=7),
    "Eado electric": Plan(Interval(7, 1), Interval(1, 1), series="Eado", power="ev"),
    "Eado electric here": Plan(Interval(8, 1), Interval(1, 1), series="Eado", power="ev", store_id=7),
}


@pytest.mark.parametrize(
    ("there", "series", "power", "wins"),
    [
        (list(ROWS), "Eado", "ev", "Eado electric here"),
        (list(ROWS), " EADO ", "ev", "Eado electric here"),  # as spreadsheets write it
        (list(ROWS), "Eado", "fuel", "Eado here"),
        (list(ROWS), "Eado", "", "Eado here"),
        (list(ROWS), "CS75", "ev", "electric here"),
        (list(ROWS), "", "", "any here"),
        (["any here", "electric"], "CS75", "ev", "electric"),  # more particular before nearer
        (["any here", "Eado", "electric here"], "Eado", "ev", "Eado"),
        (["any", "any here"], "CS75", "fuel", "any here"),
        (["Eado", "electric"], "CS75", "fuel", None),
    ],
)
def test_the_most_particular_row_holds(there, series, power, wins):
    expected = ROWS[wins] if wins else None
    assert plan_for([ROWS[name] for name in there], series, power) == expected
    assert plan_for([ROWS[name] for name in reversed(there)], series, power) == expected


# ---- due days -------------------------------------------------------------------------------------------------------


def due(told=(), visits=(), plan=PLAN, delivered=DELIVERED, listed=None):
    """(first service, next maintenance, last seen) of a car with such a history."""
    seen = [Visit(date.fromisoformat(on), km) for on, km in visits]
    found = forecast(History(delivered, seen, readings(*told), listed), plan)
    first, following = found.first_service, found.next_maintenance
    return first and first.on, following and following.on, found.last_seen_on


@pytest.mark.parametrize(
    ("delivered", "months", "day"),
    [
        (date(2026, 1, 10), 6, date(2026, 7, 10)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),  # no 31st, no 29th
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 6, date(2027, 6, 30)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
    ],
)
def test_months_end_where_the_month_ends(delivered, months, day):
    plan = Plan(Interval(5_000, months), Interval(7_500, 6))
    assert due(delivered=delivered, plan=plan)[0] == day


@pytest.mark.parametrize(
    ("km_after_50_days", "day"),
    [
        (None, date(2026, 7, 10)),  # nothing known: the date alone
        (1_000, date(2026, 7, 10)),  # 20 a day: 5,000 km take 250 days
        (2_000, date(2026, 5, 15)),  # 40 a day: 125 days
        (20_000, date(2026, 2, 4)),  # 200 a day at most: 25 days
    ],
)
def test_the_first_service_is_the_earlier_of_months_and_mileage(km_after_50_days, day):
    told = [("2026-01-10", 0), *([("2026-03-01", km_after_50_days)] if km_after_50_days else [])]
    assert due(told)[0] == day


def test_before_the_first_service_maintenance_is_the_one_that_follows_it():
    assert due() == (date(2026, 7, 10), date(2027, 1, 10), DELIVERED)


def test_after_a_visit_maintenance_counts_from_it_and_the_first_service_stays_to_be_seen():
    visits = [("2026-03-11", 2_400), ("2026-06-09", 6_000)]
    told = [("2026-01-10", 0), *visits]  # 40 a day
    # 7,500 km take 188 days from 9 June, six months 183
    assert due(told, visits) == (date(2026, 5, 15), date(2026, 12, 9), date(2026, 6, 9))


def test_the_newest_reading_tells_when_the_mileage_is_reached():
    visits = [("2026-06-09", 6_000)]
    told = [("2026-01-10", 0), *visits, ("2026-09-07", 12_000)]  # 50 a day in all, 1,500 km left
    assert due(told, visits)[1] == date(2026, 10, 7)


def test_what_was_reached_long_ago_is_due_when_it_was():
    visits = [("2026-06-09", 6_000)]
    told = [("2026-01-10", 0), *visits, ("2026-09-07", 15_000)]  # 63 a day, 1,500 km too far
    assert due(told, visits)[1] == date(2026, 8, 15)


def test_a_mileage_is_never_reached_before_the_visit():
    visits = [("2026-06-09", 6_000)]
    told = [("2026-01-10", 0), *visits, ("2026-06-10", 90_000)]
    assert due(told, visits)[1] == date(2026, 6, 9)


def test_a_visit_without_an_odometer_counts_all_the_kilometres_from_its_day():
    told = [("2026-01-10", 0), ("2026-03-01", 2_500)]  # 50 a day: 7,500 km take 150 days
    assert due(told, [("2026-03-20", None)])[1] == date(2026, 8, 17)


def test_a_car_from_elsewhere_has_no_first_service_and_is_seen_with_its_first_visit():
    assert due(visits=[("2026-06-09", 30_000)], delivered=None) == (None, date(2026, 12, 9), date(2026, 6, 9))
    assert due(delivered=None) == (None, None, None)


def test_a_visit_that_only_a_list_told_of_counts_where_no_later_one_is_known():
    listed = date(2026, 8, 1)
    assert due(listed=listed, delivered=None) == (None, date(2027, 2, 1), listed)
    assert due(visits=[("2026-08-20", None)], listed=listed, delivered=None)[2] == date(2026, 8, 20)


def test_without_a_plan_nothing_is_due():
    assert due(visits=[("2026-06-09", 6_000)], plan=None) == (None, None, date(2026, 6, 9))


def test_the_reason_can_be_told():
    found = forecast(History(DELIVERED, [], readings(("2026-01-10", 0), ("2026-03-01", 2_000))), PLAN)
    first = found.first_service
    assert (first.since, first.interval.months, first.by_months, first.by_km) == (
        DELIVERED, 6, date(2026, 7, 10), date(2026, 5, 15),
    )  # fmt: skip

"""Days as people and spreadsheets write them; what can be read two ways is refused."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from crm_site.core import dates
from crm_site.core.clock import BUSINESS_ZONE
from crm_site.core.errors import RuleBroken

MARCH_5 = date(2024, 3, 5)


@pytest.mark.parametrize(
    "written",
    [
        "2024.3.5", "2024年3月5日", "24/3/5", "24年3月5日", "20240305", "2024-03-05 00:00:00",
        "2024/3/5", "2024-3-5 14:05", "2024-03-05T08:00:00", "2024-03-05 星期二", "２０２４－０３－０５",
        "\u00a02024-03-05\u200b", "'2024-03-05", "2024年3月5号",
        45356, 45356.0, 45356.75, "45356", "45356.5", 20240305, 20240305.0, MARCH_5, datetime(2024, 3, 5, 9, 30),
        datetime(2024, 3, 4, 18, 0, tzinfo=UTC),
    ],
)  # fmt: skip
def test_a_day_is_read_from_every_form(written):
    assert dates.parse_date(written) == MARCH_5


@pytest.mark.parametrize("empty", [None, "", " ", "无", "-", "/"])
def test_an_empty_cell_is_no_day(empty):
    assert dates.parse_date(empty) is None
    assert dates.parse_datetime(empty) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2024/2/30", "date_impossible"),
        ("1900-02-29", "date_impossible"),
        ("2024-13-01", "date_impossible"),
        ("2024-03-05 25:00", "date_impossible"),
        ("2024-03-05T10:00+25:00", "date_impossible"),
        ("5/3/2024", "date_ambiguous"),
        ("5/3/24", "date_ambiguous"),
        ("24/3/15", "date_ambiguous"),
        ("11-21", "date_ambiguous"),
        ("12:30", "date_time_only"),
        (0.5, "date_time_only"),
        (time(12, 30), "date_time_only"),
        (-5, "date_range"),
        (60, "date_range"),
        ("0024-03-05", "date_range"),
        ("二月", "date_form"),
        ("2024.3", "date_form"),
        ("2024-03-05 abc", "date_form"),
        (True, "date_form"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(written, code):
    with pytest.raises(RuleBroken) as refused:
        dates.parse_date(written)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("5/3/2024", "dmy", MARCH_5),
        ("3/5/2024", "mdy", MARCH_5),
        ("5/3/24", "dmy", MARCH_5),
        ("24/3/15", "ymd", date(2024, 3, 15)),
        ("25/3/2024", "", date(2024, 3, 25)),
        ("3/25/2024", "", date(2024, 3, 25)),
        ("3/3/2024", "", date(2024, 3, 3)),
    ],
)
def test_a_known_order_decides(written, order, day):
    assert dates.parse_date(written, order=order) == day


@pytest.mark.parametrize(
    ("written", "orders"),
    [
        ("27/11/2026", "dmy"), ("11/27/2026", "mdy"), ("5/11/2026", "dmy mdy"), ("5.11.2026 12:30", "dmy mdy"),
        ("5/11/26", "ymd dmy mdy"), ("24/3/5", "ymd"), ("24/3/15", "ymd dmy"), ("３１／１／２０２６", "dmy"),
        ("2026-11-27", ""), ("20261127", ""), ("2026年5月11日", ""), (45356, ""), (MARCH_5, ""), (None, ""),
        ("明天", ""), ("31/31/2026", ""), ("30/2/2026", ""),
    ],
)  # fmt: skip
def test_the_orders_in_which_a_date_can_be_read_are_told(written, orders):
    assert dates.orders(written) == frozenset(orders.split())


def test_a_date_that_contradicts_the_order_chosen_is_refused():
    with pytest.raises(RuleBroken):
        dates.parse_date("25/3/2024", order="mdy")
    with pytest.raises(RuleBroken):
        dates.parse_date("3/25/2024", order="dmy")


@pytest.mark.parametrize("written", ["5-Mar-2024", "5 March 24", "Mar 5, 2024", "05-Mar-24 00:00"])
def test_a_month_in_words_leaves_no_doubt(written):
    assert dates.parse_date(written) == MARCH_5


def test_a_day_without_year_takes_this_one():
    assert dates.parse_date("11-21", today=date(2026, 1, 5)) == date(2026, 11, 21)
    assert dates.parse_date("11月21日", today=date(2026, 1, 5)) == date(2026, 11, 21)


def test_the_1904_system_is_1462_days_later():
    assert dates.parse_date(45356 - 1462, is_1904=True) == MARCH_5


@pytest.mark.parametrize(
    ("written", "hour", "minute"),
    [
        ("2024-03-05", 0, 0),
        ("2024-3-5 14:05:33", 14, 5),
        ("2024/3/5 下午3:05", 15, 5),
        ("2024年3月5日 8时30分", 8, 30),
        ("2024-03-05 2:05 PM", 14, 5),
        ("2024-03-05T08:00:00Z", 16, 0),
        (45356.25, 6, 0),
    ],
)
def test_a_moment_is_wall_time_of_the_business(written, hour, minute):
    moment = dates.parse_datetime(written)
    assert moment.tzinfo is BUSINESS_ZONE
    assert (moment.date(), moment.hour, moment.minute) == (MARCH_5, hour, minute)


def test_every_day_of_a_century_survives_each_form():
    day = date(1940, 1, 1)
    while day <= date(2040, 12, 31):
        assert dates.parse_date(day.isoformat()) == day
        assert dates.parse_date(f"{day.year}年{day.month}月{day.day}日") == day
        assert dates.parse_date(float((day - date(1899, 12, 30)).days)) == day
        assert dates.parse_datetime(day.isoformat()).date() == day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 2, date(2024, 3, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
    ],
)
def test_a_month_later_keeps_the_day_or_takes_the_last(day, months, result):
    assert dates.add_months(day, months) == result


def test_a_leap_day_birthday_comes_once_every_year():
    assert [dates.anniversary(date(2000, 2, 29), year) for year in (2024, 2025)] == [
        date(2024, 2, 29),
        date(2025, 2, 28),
    ]


def test_a_month_is_a_half_open_range():
    month = dates.parse_month("2026-12")
    assert (month.start, month.end, month.last) == (date(2026, 12, 1), date(2027, 1, 1), date(2026, 12, 31))
    assert [str(one) for one in dates.months_between(month, month.shift(2))] == ["2026-12", "2027-01", "2027-02"]


@pytest.mark.parametrize("written", ["2026-13", "2026-1", "x", "9999-01"])
def test_a_wrong_month_is_refused(written):
    with pytest.raises(RuleBroken):
        dates.parse_month(written)

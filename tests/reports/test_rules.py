"""The report's rules as tables: series, rates, calendar, the sum, the frozen text."""

from datetime import date
from decimal import Decimal

import pytest

from crm_site.reports import periods, rules
from crm_site.worktime.rules import LEGAL_WEEK, LegalCalendar, Segment

PLAIN = LegalCalendar(LEGAL_WEEK, {})
D = date


def row(employee: int, direct: list[int], name: str = "甲") -> dict:
    return {"employee": employee, "name": name, "direct": direct}


def snapshot(rows: list[dict], total: int, **lines: list[int]) -> dict:
    return {"rows": rows, "total": total, "lines": {line: lines.get(line, []) for line in rules.LINES}}


@pytest.mark.parametrize(
    ("post", "series"),
    [
        ("service_advisor", "advisor"),
        ("technician", "technician"),
        ("sales_consultant", "sales"),
        ("delivery_specialist", "other"),
        ("head", "other"),
        ("", "other"),
    ],
)
def test_each_post_stands_in_one_series(post, series):
    assert rules.series_of(post) == series


@pytest.mark.parametrize(
    ("count", "visits", "rate"),
    [
        (0, 30, "0.00"),
        (1, 142, "0.70"),
        (3, 119, "2.52"),
        (1, 200, "0.50"),
        (1, 30, "3.33"),
        (1, 29, None),
        (0, 0, None),
        (5, 800, "0.63"),  # 0.625 is rounded half up
    ],
)
def test_a_rate_needs_thirty_visits(count, visits, rate):
    assert rules.per_hundred(count, visits) == (Decimal(rate) if rate else None)


@pytest.mark.parametrize(
    ("month", "due"),
    [
        (D(2026, 8, 1), D(2026, 9, 7)),  # the 1st is a Tuesday
        (D(2026, 10, 1), D(2026, 11, 6)),  # the 1st is a Sunday
        (D(2026, 12, 1), D(2027, 1, 7)),  # over the year's end
    ],
)
def test_a_month_is_published_on_the_fifth_working_day_after_it(month, due):
    assert periods.calendar_of(periods.period_of(month), PLAIN).publish_on == due


def test_holidays_move_the_day_of_publishing():
    holidays = {D(2026, 10, day): () for day in range(1, 8)}
    calendar = LegalCalendar(LEGAL_WEEK, holidays | {D(2026, 10, 10): (Segment(*LEGAL_WEEK[0][0]),)})
    assert periods.calendar_of(periods.period_of(D(2026, 9, 1)), calendar).publish_on == D(2026, 10, 13)


@pytest.mark.parametrize(
    ("today", "go_live", "known", "months"),
    [
        (D(2026, 10, 1), D(2025, 1, 1), [D(2026, 7, 1), D(2026, 8, 1)], [D(2026, 9, 1)]),
        (D(2026, 9, 30), D(2025, 1, 1), [D(2026, 6, 1), D(2026, 7, 1), D(2026, 8, 1)], []),
        (D(2026, 10, 1), D(2025, 1, 1), [], [D(2026, 7, 1), D(2026, 8, 1), D(2026, 9, 1)]),
        (D(2026, 10, 1), D(2026, 8, 20), [], [D(2026, 8, 1), D(2026, 9, 1)]),
        (D(2027, 1, 3), D(2026, 12, 31), [], [D(2026, 12, 1)]),
        (D(2026, 10, 1), D(2026, 10, 1), [], []),
    ],
)
def test_missed_months_are_made_up_at_most_three_and_none_before_going_live(today, go_live, known, months):
    assert periods.months_to_build(today, go_live, known) == months


def test_a_month_is_over_on_the_first_of_the_next():
    assert not periods.period_of(D(2026, 9, 1)).is_over(D(2026, 9, 30))
    assert periods.period_of(D(2026, 9, 1)).is_over(D(2026, 10, 1))


def test_employees_and_lines_add_up_to_the_store():
    found = rules.sum_of(snapshot([row(1, [10, 11]), row(2, [])], 4, nobody=[12], undecided=[13]))
    assert (found.employees, found.total, found.is_even) == (2, 4, True)
    assert found.lines == {"department": 0, "manufacturer": 0, "nobody": 1, "undecided": 1}


@pytest.mark.parametrize(
    "uneven",
    [
        snapshot([row(1, [10])], 2),  # one is missing
        snapshot([row(1, [10]), row(2, [10])], 2),  # one stands twice, and one is missing
        snapshot([row(1, [10])], 1, undecided=[10]),  # in a row and in a line
        snapshot([row(1, [10, 11])], 1),  # one too many
    ],
)
def test_a_sum_that_does_not_come_out_even_is_seen(uneven):
    assert not rules.sum_of(uneven).is_even


def test_the_frozen_text_does_not_depend_on_the_order_of_keys():
    assert rules.canonical({"b": [1, "满意"], "a": None}) == '{"a":null,"b":[1,"满意"]}'.encode()
    assert rules.digest({"a": 1, "b": 2}) == rules.digest({"b": 2, "a": 1})
    assert rules.digest({"a": 1}) != rules.digest({"a": 2})


def test_floats_do_not_get_into_a_frozen_text():
    with pytest.raises(ValueError, match="floats"):
        rules.canonical({"rows": [{"score": 88.6}]})

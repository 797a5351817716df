"""The official calendar against the State Council's own papers, and lists written by hand."""

import json
import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from crm_site.worktime import official
from crm_site.worktime.rules import (
    LEGAL_WEEK,
    SHANGHAI,
    DayException,
    LegalCalendar,
    Segment,
    WorkCalendar,
    business_exceptions,
    days_of,
    legal_exceptions,
)

PAPERS = Path(__file__).resolve().parents[3] / "shared/data/holidays-cn"
needs_papers = pytest.mark.skipif(not PAPERS.is_dir(), reason="the official holiday papers (shared/data) are not here")

# A five-day shop: the weekend days inside a holiday are named in some papers and not in others, and rightly so,
# for they are free anyway.
YEARS = range(2008, 2025)
WEEK = dict.fromkeys(range(5), (Segment(time(8, 30), time(12)), Segment(time(13, 30), time(18))))


def papers() -> dict[date, bool]:
    """{day: is it off} of all official papers."""
    days = [entry for path in sorted(PAPERS.glob("*.json")) for entry in json.loads(path.read_text("utf-8"))["days"]]
    return {date.fromisoformat(entry["date"]): entry["isOffDay"] for entry in days}


def exceptions() -> list[DayException]:
    """The library's lists of the same years, as the tables hold them."""
    return [DayException(day.day, is_open=not day.is_off) for year in YEARS for day in official.of_year(year)]


@needs_papers
def test_every_legal_working_day_is_that_of_the_papers():
    theirs, ours = papers(), LegalCalendar(LEGAL_WEEK, legal_exceptions(exceptions()))
    differing = [
        day
        for day in days_of(date(2008, 1, 1), date(2024, 12, 31))
        if ours.is_legal_working_day(day) == theirs.get(day, day.weekday() >= 5)
    ]

    assert differing == []


def oracle_is_open(day: date, off: dict[date, bool]) -> bool:
    """A shop that is open Monday to Friday, told day by day from the papers alone."""
    return not off[day] if day in off else day.weekday() < 5


def oracle_deadline(start: datetime, minutes: int, off: dict[date, bool]) -> datetime:
    """Count the minutes one after another."""
    moment = start
    while minutes or not oracle_is_working(moment, off):
        minutes -= oracle_is_working(moment, off)
        moment += timedelta(minutes=1)
        if not minutes and oracle_is_working(moment - timedelta(minutes=1), off):
            return moment
    return moment


def oracle_is_working(moment: datetime, off: dict[date, bool]) -> bool:
    clock = moment.time()
    return oracle_is_open(moment.date(), off) and (time(8, 30) <= clock < time(12) or time(13, 30) <= clock < time(18))


def random_starts(count: int) -> list[datetime]:
    """Moments of the years of the papers, the same in every run."""
    chance = random.Random(20260916)
    first = datetime(2010, 1, 1, tzinfo=SHANGHAI)
    return [first + timedelta(minutes=chance.randrange(14 * 365 * 24 * 60)) for _ in range(count)]


@needs_papers
def test_a_thousand_limits_in_store_hours_equal_the_papers():
    off, chance = papers(), random.Random(1)
    shop = WorkCalendar(WEEK, business_exceptions(WEEK, exceptions(), []))

    for start in random_starts(1000):
        minutes = chance.choice([30, 60, 120, 240, 600])
        assert shop.add_working_time(start, minutes) == oracle_deadline(start, minutes, off), (start, minutes)


@needs_papers
def test_a_thousand_limits_in_days_equal_the_papers():
    off, chance = papers(), random.Random(2)
    shop = WorkCalendar(WEEK, business_exceptions(WEEK, exceptions(), []))
    legal = LegalCalendar(LEGAL_WEEK, legal_exceptions(exceptions()))

    for start in random_starts(1000):
        count, later = chance.choice([1, 2, 3]), days_of(start.date() + timedelta(1), start.date() + timedelta(40))
        open_days = [day for day in later if oracle_is_open(day, off)]
        legal_days = [day for day in later if not off.get(day, day.weekday() >= 5)]

        assert shop.end_of_nth_open_day(start, count) == datetime.combine(open_days[count - 1], time(18), SHANGHAI)
        assert legal.add_legal_working_days(start.date(), 7) == legal_days[6]


def test_this_years_national_day_is_known_with_its_make_up_days():
    days = {day.day: day for day in official.of_year(2026)}

    assert days[date(2026, 10, 1)] == official.OfficialDay(date(2026, 10, 1), True, "国庆节", "National Day")
    assert not days[date(2026, 10, 10)].is_off
    assert date(2026, 11, 21) not in days


def test_a_year_beyond_the_library_is_unknown():
    beyond = official.recent_years()[-1] + 1

    assert not official.knows(beyond)
    with pytest.raises(official.UnknownYear):
        official.of_year(beyond)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2027-01-01 元旦 休", [("2027-01-01", True, "元旦")]),
        ("2027年1月1日至2027年1月3日 元旦 放假", [(f"2027-01-0{day}", True, "元旦") for day in (1, 2, 3)]),
        ("2027/2/20 春节 班", [("2027-02-20", False, "春节")]),
        ("2027-10-01 to 2027-10-02 National Day off", [(f"2027-10-0{day}", True, "National Day") for day in (1, 2)]),
        ("2027.9.26 国庆节 补班", [("2027-09-26", False, "国庆节")]),
        ("2027-03-01 – 休", [("2027-03-01", True, "")]),
        ("", []),
    ],
)
def test_a_list_by_hand_may_be_written_in_several_ways(line, expected):
    read = official.read_lines(line, 2027)

    assert [(f"{day.day}", day.is_off, day.name_zh) for day in read] == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("元旦放假", "form"),
        ("2027-01-01 元旦", "form"),
        ("2027-02-30 春节 休", "date"),
        ("2027-02-10 至 2027-02-06 春节 休", "order"),
        ("2027-02-01 至 2027-04-06 春节 休", "long"),
        ("2027-01-01 元旦 也许", "word"),
        ("2026-01-01 元旦 休", "year"),
        ("2027-12-31 至 2028-01-02 元旦 休", "year"),
        ("2027-01-02 元旦 休", "twice"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_reason(line, reason):
    with pytest.raises(official.BadLine) as caught:
        official.read_lines(f"2027-01-02 元旦 休\n\n{line}", 2027)

    assert (caught.value.number, caught.value.reason, caught.value.text) == (3, reason, line)


@pytest.mark.parametrize("year", official.recent_years())
def test_a_list_that_was_written_out_reads_back_the_same(year):
    days = official.of_year(year)
    back = official.read_lines(official.as_lines(days), year)

    assert [day[:3] for day in back] == [day[:3] for day in days]


def test_the_example_can_be_read():
    assert len(official.read_lines(official.example(2027), 2027)) == 9

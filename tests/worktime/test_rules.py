"""Working-time arithmetic as tables: days, split shifts, holidays, make-up days, deadlines."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from crm_site.worktime.rules import (
    DEFAULT_DESK_WEEK,
    DEFAULT_STORE_WEEK,
    LEGAL_WEEK,
    SHANGHAI,
    DayException,
    DeskCalendar,
    LegalCalendar,
    NeverOpen,
    Segment,
    WorkCalendar,
    business_exceptions,
    days_of,
    legal_exceptions,
    overlapping,
    years_needed,
)

SPLIT = (Segment(time(8, 30), time(12)), Segment(time(13, 30), time(18)))
FIVE_DAYS = dict.fromkeys(range(5), SPLIT)

# Mid-autumn and National Day 2026 with the two make-up days around them, as announced.
OFFICIAL = [
    *(DayException(day, is_open=False) for day in days_of(date(2026, 10, 1), date(2026, 10, 7))),
    DayException(date(2026, 9, 20), is_open=True),  # a Sunday
    DayException(date(2026, 10, 10), is_open=True),  # a Saturday
]


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def shop() -> WorkCalendar:
    """Monday to Friday in split shifts, National Day off, 10 October made up."""
    return WorkCalendar(FIVE_DAYS, business_exceptions(FIVE_DAYS, OFFICIAL, []))


@pytest.fixture
def desk() -> DeskCalendar:
    return DeskCalendar(DEFAULT_DESK_WEEK, business_exceptions(DEFAULT_DESK_WEEK, OFFICIAL, []))


@pytest.fixture
def legal() -> LegalCalendar:
    return LegalCalendar(LEGAL_WEEK, legal_exceptions(OFFICIAL))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 9, 30), SPLIT),  # an ordinary Wednesday
        (date(2026, 10, 1), ()),  # a holiday
        (date(2026, 10, 10), SPLIT),  # a Saturday made up with the hours of a weekday
        (date(2026, 10, 17), ()),  # an ordinary Saturday
    ],
)
def test_the_hours_of_a_day_follow_week_and_exceptions(shop, day, expected):
    assert shop.segments(day) == expected
    assert shop.is_open_day(day) is bool(expected)


@pytest.mark.parametrize(
    ("moment", "is_open", "next_open"),
    [
        (at(9, 29, 7), False, at(9, 29, 8, 30)),
        (at(9, 29, 8, 30), True, at(9, 29, 8, 30)),
        (at(9, 29, 12), False, at(9, 29, 13, 30)),  # the closing minute is closed
        (at(9, 29, 13), False, at(9, 29, 13, 30)),
        (at(9, 29, 18), False, at(9, 30, 8, 30)),
        (at(9, 30, 18, 1), False, at(10, 8, 8, 30)),  # over the whole holiday
    ],
)
def test_the_next_open_moment(shop, moment, is_open, next_open):
    assert shop.is_open_at(moment) is is_open
    assert shop.next_open_moment(moment) == next_open


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (at(9, 29, 9), 60, at(9, 29, 10)),
        (at(9, 29, 11, 30), 60, at(9, 29, 14)),  # lunch does not count
        (at(9, 29, 6), 60, at(9, 29, 9, 30)),  # early birds count from the opening
        (at(9, 29, 17, 30), 30, at(9, 29, 18)),  # used up at closing: due at closing
        (at(9, 29, 17, 30), 31, at(9, 30, 8, 31)),
        (at(9, 30, 17, 0), 120, at(10, 8, 9, 30)),  # seven holidays do not count
        (at(10, 9, 17, 0), 120, at(10, 10, 9, 30)),  # the made-up Saturday does
        (at(9, 29, 20), 0, at(9, 30, 8, 30)),
        (at(9, 28, 8, 30), 8 * 60 * 3, at(9, 30, 18)),  # three whole days
    ],
)
def test_working_time_runs_only_while_open(shop, start, minutes, end):
    assert shop.add_working_time(start, minutes) == end
    assert shop.working_minutes_between(start, end) == minutes


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (at(9, 28, 10), 1, at(9, 29, 18)),  # the day of receipt is not counted
        (at(9, 28, 20), 1, at(9, 29, 18)),
        (at(9, 28, 6), 2, at(9, 30, 18)),
        (at(9, 30, 10), 1, at(10, 8, 18)),
        (at(9, 30, 10), 3, at(10, 10, 18)),
        (at(10, 3, 10), 1, at(10, 8, 18)),  # received on a closed day
    ],
)
def test_a_limit_in_open_days_ends_at_closing_time(shop, start, count, end):
    assert shop.end_of_nth_open_day(start, count) == end


def test_moments_are_read_in_china_whatever_zone_they_come_in(shop):
    in_utc = datetime(2026, 9, 28, 23, 0, tzinfo=UTC)  # 7 o'clock on the 29th in China

    assert shop.next_open_moment(in_utc) == at(9, 29, 8, 30)
    assert shop.end_of_nth_open_day(in_utc, 1) == at(9, 30, 18)


def test_a_moment_without_a_zone_is_refused(shop):
    with pytest.raises(ValueError, match="time zone"):
        shop.next_open_moment(datetime(2026, 9, 29, 9, 0))


@pytest.mark.parametrize("minutes", [-1, -600])
def test_working_time_is_never_added_backwards(shop, minutes):
    with pytest.raises(ValueError, match="forwards"):
        shop.add_working_time(at(9, 29, 9), minutes)


def test_open_days_are_counted_from_one(shop):
    with pytest.raises(ValueError, match="from one"):
        shop.end_of_nth_open_day(at(9, 29, 9), 0)


def test_nothing_lies_between_an_end_and_an_earlier_start(shop):
    assert shop.working_time_between(at(9, 29, 12), at(9, 29, 9)) == timedelta(0)


@pytest.mark.parametrize(
    ("day", "shifted", "neighbours"),
    [
        # Saturday 26 September: the desk works
        (date(2026, 9, 26), (date(2026, 9, 26), date(2026, 9, 26)), (date(2026, 9, 28), date(2026, 9, 25))),
        # Sunday 27 September: it rests
        (date(2026, 9, 27), (date(2026, 9, 28), date(2026, 9, 26)), (date(2026, 9, 28), date(2026, 9, 26))),
        # in the middle of the holiday
        (date(2026, 10, 4), (date(2026, 10, 8), date(2026, 9, 30)), (date(2026, 10, 8), date(2026, 9, 30))),
    ],
)
def test_calls_move_off_closed_desk_days(desk, day, shifted, neighbours):
    assert (desk.shift_later(day), desk.shift_earlier(day)) == shifted
    assert (desk.next_desk_day(day), desk.previous_desk_day(day)) == neighbours


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 9, 29), 0, date(2026, 9, 29)),
        (date(2026, 9, 29), 1, date(2026, 9, 30)),
        (date(2026, 9, 29), 2, date(2026, 10, 8)),
        (date(2026, 10, 8), -2, date(2026, 9, 29)),
    ],
)
def test_windows_count_desk_days(desk, day, count, expected):
    assert desk.add_desk_days(day, count) == expected


def test_open_days_between_counts_the_last_day_and_not_the_first(desk):
    assert desk.open_days_between(date(2026, 9, 29), date(2026, 10, 8)) == 2
    assert desk.open_days_between(date(2026, 10, 8), date(2026, 9, 29)) == 0


@pytest.mark.parametrize(
    ("received", "told_by"),
    [
        (date(2026, 11, 18), date(2026, 11, 27)),  # only a weekend in between
        (date(2026, 9, 29), date(2026, 10, 14)),  # the holiday out, the made-up Saturday in
    ],
)
def test_seven_legal_working_days(legal, received, told_by):
    assert legal.add_legal_working_days(received, 7) == told_by


def test_a_stores_own_day_wins_over_the_official_one():
    own = [DayException(date(2026, 10, 2), is_open=True), DayException(date(2026, 10, 10), is_open=False)]
    merged = business_exceptions(DEFAULT_STORE_WEEK, OFFICIAL, own)

    assert merged[date(2026, 10, 2)] == DEFAULT_STORE_WEEK[4]
    assert merged[date(2026, 10, 10)] == ()
    assert merged[date(2026, 10, 3)] == ()


def test_an_extra_day_may_have_hours_of_its_own():
    morning = (Segment(time(9), time(12)),)
    own = [DayException(date(2026, 10, 11), is_open=True, hours=morning)]

    assert business_exceptions(FIVE_DAYS, [], own) == {date(2026, 10, 11): morning}


@pytest.mark.parametrize(
    ("segments", "clash"),
    [
        ([Segment(time(8), time(12)), Segment(time(12), time(18))], False),
        ([Segment(time(13), time(18)), Segment(time(8), time(13, 1))], True),
        ([Segment(time(8), time(18)), Segment(time(9), time(10))], True),
        ([Segment(time(8), time(18))], False),
        ([], False),
    ],
)
def test_two_shifts_of_one_day_may_touch_but_not_overlap(segments, clash):
    assert (overlapping(segments) is not None) is clash


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (date(2026, 10, 31), (2026,)),
        (date(2026, 11, 1), (2026, 2027)),
        (date(2026, 12, 31), (2026, 2027)),
        (date(2027, 1, 1), (2027,)),
    ],
)
def test_next_years_list_is_expected_from_november(today, years):
    assert years_needed(today) == years


def test_a_calendar_without_any_opening_says_so():
    with pytest.raises(NeverOpen):
        WorkCalendar({}).next_open_moment(at(9, 29, 9))


def test_a_closed_day_has_no_closing_time(shop):
    with pytest.raises(ValueError, match="closed"):
        shop.closing_time(date(2026, 10, 1))

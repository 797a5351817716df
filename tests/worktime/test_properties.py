"""Working time against an oracle that counts minute by minute, and properties that always hold."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_site.worktime.rules import SHANGHAI, Segment, WorkCalendar, days_of, overlapping, sorted_segments

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)

clocks = st.integers(0, 23 * 60 + 59).map(lambda minute: time(minute // 60, minute % 60))


@st.composite
def shifts(draw, most: int = 3):
    """Up to ``most`` stretches of one day that do not overlap."""
    edges = sorted(draw(st.sets(clocks, max_size=2 * most)))
    return tuple(Segment(begins, ends) for begins, ends in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars(draw):
    """A week with at least one open day, and up to a dozen days that differ."""
    week = {weekday: draw(shifts()) for weekday in range(7)}
    week[draw(st.integers(0, 6))] = (Segment(time(8, 30), time(18)),)
    exceptions = draw(st.dictionaries(st.dates(FIRST, LAST), shifts(), max_size=12))
    return WorkCalendar(week, exceptions)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1), timezones=st.just(SHANGHAI)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
minutes = st.integers(0, 3000)


def minute_by_minute(calendar: WorkCalendar, start: datetime, end: datetime) -> int:
    """The oracle: look at every single minute."""
    count, moment = 0, start
    while moment < end:
        count += any(one.begins <= moment.time() < one.ends for one in calendar.segments(moment.date()))
        moment += timedelta(minutes=1)
    return count


@given(calendars(), moments, st.integers(0, 4 * 24 * 60))
def test_minutes_between_equal_a_count_minute_by_minute(calendar, start, span):
    end = start + timedelta(minutes=span)

    assert calendar.working_minutes_between(start, end) == minute_by_minute(calendar, start, end)


@given(calendars(), moments, minutes)
def test_what_was_added_lies_between(calendar, start, added):
    end = calendar.add_working_time(start, added)

    assert end >= start
    assert calendar.working_minutes_between(start, end) == added


@given(calendars(), moments, minutes, minutes)
def test_more_time_never_ends_earlier(calendar, start, one, other):
    less, more = sorted((one, other))

    assert calendar.add_working_time(start, less) <= calendar.add_working_time(start, more)


@given(calendars(), moments, moments, minutes)
def test_a_later_start_never_ends_earlier(calendar, one, other, added):
    first, second = sorted((one, other))

    assert calendar.add_working_time(first, added) <= calendar.add_working_time(second, added)


@given(calendars(), moments, moments, moments)
def test_stretches_add_up(calendar, one, two, three):
    first, middle, last = sorted((one, two, three))
    parts = calendar.working_time_between(first, middle) + calendar.working_time_between(middle, last)

    assert parts == calendar.working_time_between(first, last)


@given(calendars(), moments)
def test_the_next_open_moment_is_open_and_nothing_was_missed(calendar, start):
    opening = calendar.next_open_moment(start)

    assert calendar.is_open_at(opening)
    assert calendar.working_minutes_between(start, opening) == 0


@given(calendars(), moments, st.integers(1, 10))
def test_the_nth_open_day_is_open_and_the_nth(calendar, start, count):
    end = calendar.end_of_nth_open_day(start, count)

    assert calendar.open_days_between(start.date(), end.date()) == count
    assert end == calendar.closing_time(end.date())


@given(calendars(), st.dates(FIRST, LAST), st.integers(1, 10))
def test_counting_open_days_forwards_and_back_returns(calendar, day, count):
    start = calendar.shift_later(day)

    assert calendar.add_open_days(calendar.add_open_days(start, count), -count) == start


@given(st.lists(st.tuples(clocks, clocks).filter(lambda pair: pair[0] < pair[1]), max_size=4))
def test_overlap_is_found_exactly_when_two_stretches_share_a_minute(pairs):
    segments = [Segment(*pair) for pair in pairs]
    day = datetime(2026, 1, 1)
    by_minute = max(
        (
            sum(one.begins <= (day + timedelta(minutes=minute)).time() < one.ends for one in segments)
            for minute in range(24 * 60)
        ),
        default=0,
    )

    assert (overlapping(segments) is not None) is (by_minute > 1)
    assert sorted_segments(segments) == tuple(sorted(segments))


def test_days_of_a_range_include_both_ends():
    assert days_of(date(2026, 2, 27), date(2026, 3, 1)) == [
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    ]

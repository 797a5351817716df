"""Due days both ways along the calendar, levelling after long closures, the ramp of a new store."""

from collections import Counter
from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm_site.worktime.rules import DeskCalendar, Segment
from revisits.defaults.rules import RULES
from revisits.rules import due, yearly
from revisits.rules.due import Start, Treatment

WED = date(2026, 9, 16)
SHIFT = (Segment(time(8, 30), time(18)),)
CALENDAR = DeskCalendar(dict.fromkeys(range(6), SHIFT))  # Monday to Saturday
GOLDEN_WEEK = DeskCalendar(CALENDAR.week, {date(2026, 10, 1) + timedelta(days=n): () for n in range(8)})
LONG_AGO = Start(date(2020, 1, 1), 10)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def terms(offset=3, window=3, *, anchor="order", purpose="revisit", since=date(2000, 1, 1), until=None, is_on=True):
    return SimpleNamespace(
        offset_days=offset, window_after=window, anchor=anchor, purpose=purpose, effective_from=since,
        effective_until=until, is_on=is_on,
    )  # fmt: skip


def reminder(offset=-30, window=15, **values):
    return terms(offset, window, **({"anchor": "insurance", "purpose": "marketing"} | values))


# ---- the table of the domain -----------------------------------------------------------------------------------------

CODES = [
    "DLV_D1", "DLV_D3", "DLV_D7", "DLV_M1", "DLV_M3", "FS_REMIND", "FS_LATE", "MT_REMIND", "SVC_D3", "SVC_RW1",
    "INS_45", "INS_30", "INS_15", "INSP_45", "WTY_30", "BDAY", "ANNIV", "LOST_6M", "LOST_9M", "LOST_12M",
    "CMP_CFM", "CMP_D30",
]  # fmt: skip


def test_all_22_rules_are_there_once():
    assert Counter(row.code for row in RULES) == Counter(CODES)
    assert {row.code for row in RULES if not row.is_on} == {
        "DLV_D7", "DLV_M3", "INS_45", "INS_15", "WTY_30", "BDAY", "ANNIV", "LOST_9M", "CMP_D30",
    }  # fmt: skip


def test_what_needs_consent_and_what_is_a_share_of_the_day():
    rows = {row.code: row for row in RULES}
    assert {code for code, row in rows.items() if row.needs_consent} == {"INS_45", "INS_30", "INS_15", "BDAY"}
    assert (rows["SVC_D3"].capacity, rows["SVC_D3"].capacity_number) == ("draw", 15)
    quota = {code for code, row in rows.items() if row.capacity == "quota"}
    assert quota == {"INS_45", "INS_30", "INS_15", "LOST_6M", "LOST_9M", "LOST_12M"}
    assert {rows[code].capacity_number for code in quota} == {10}
    assert rows["LOST_12M"].owner_role == "manager"


# ---- reminders to a date ---------------------------------------------------------------------------------------------

REMINDERS = [  # the day, offset, window -> due, deadline; 20 September and 4 October are Sundays
    (date(2026, 10, 16), -30, 15, WED, date(2026, 10, 1)),
    (date(2026, 10, 20), -30, 15, date(2026, 9, 19), date(2026, 10, 5)),  # Sunday the 20th: a day earlier
    (date(2026, 10, 19), -30, 15, date(2026, 9, 19), date(2026, 10, 3)),  # the window ends on a Sunday: earlier too
    (date(2026, 9, 20), 0 - 15, 15, date(2026, 9, 5), date(2026, 9, 19)),
    (date(2026, 9, 21), -1, 0, date(2026, 9, 19), date(2026, 9, 19)),  # the only day is closed: the one before it
]


@pytest.mark.parametrize(("on", "offset", "window", "due_on", "expires_on"), REMINDERS)
def test_reminders_move_earlier_and_their_window_counts_calendar_days(on, offset, window, due_on, expires_on):
    found = due.under(on, [reminder(offset, window)], CALENDAR)
    assert (found.due_on, found.expires_on, found.spread) == (due_on, expires_on, 1)


def test_a_reminder_in_a_long_holiday_is_made_before_it():
    found = due.under(date(2026, 10, 5), [reminder(-1, 1)], GOLDEN_WEEK)
    assert (found.due_on, found.expires_on) == (date(2026, 9, 30), date(2026, 9, 30))


calendars = st.builds(
    lambda week, closed: DeskCalendar(dict.fromkeys(week, SHIFT), dict.fromkeys(closed, ())),
    st.sets(st.integers(0, 6), min_size=1),
    st.sets(st.dates(date(2026, 8, 1), date(2027, 2, 1)), max_size=60),
)
anchors = st.dates(date(2026, 9, 1), date(2026, 12, 31))


@given(calendars, anchors, st.integers(-60, 400), st.integers(0, 60), st.sampled_from(["revisit", "care", "complaint"]))
def test_nothing_is_due_on_a_closed_desk_day_whatever_the_calendar(calendar, anchor, offset, window, purpose):
    found = due.under(anchor, [terms(offset, window, purpose=purpose)], calendar)
    for key in ("order:1", "order:2", "order:3"):
        one = due.placed(found, key, LONG_AGO, calendar)
        assert calendar.is_desk_day(one.due_on)
        assert calendar.is_desk_day(one.expires_on)
        assert one.due_on <= one.expires_on
        if offset < 0:
            assert one.expires_on <= max(anchor + days(offset + window), one.due_on)
            assert one.due_on <= anchor + days(offset)
        else:
            assert one.due_on >= anchor + days(offset)


@given(calendars, st.dates(date(2026, 10, 1), date(2026, 12, 1)), st.data())
def test_every_anchor_day_is_found_by_the_day_it_is_due(calendar, until, data):
    """What `under` says is due by a day is among due_days of that day, and nothing else."""
    version = terms(data.draw(st.sampled_from([-45, -10, 0, 3, 60])), 10)
    since = until - days(45)
    found = {one.anchor_on: one for one in due.due_days([version], calendar, since=since, until=until)}
    for back in range(-60, 130):
        anchor = until - days(back)
        one = due.under(anchor, [version], calendar)
        shift = abs(due.shifted_by(anchor, version.offset_days, one.due_on))
        assume(shift <= due.LONGEST_SHIFT)
        assert (anchor in found) == (since <= one.due_on <= until)


# ---- levelling -------------------------------------------------------------------------------------------------------

KEYS = [f"order:{number}" for number in range(600)]


@pytest.mark.parametrize(
    ("purpose", "share"),
    [("complaint", [600]), ("revisit", [300, 300]), ("care", [200, 200, 200]), ("reminder", [200, 200, 200])],
)
def test_after_a_long_closure_the_first_days_are_levelled_by_priority(purpose, share):
    version = terms(3, 2, purpose=purpose)
    found = due.under(date(2026, 9, 29), [version], GOLDEN_WEEK)
    assert found.due_on == date(2026, 10, 9)  # a Friday
    placed = [due.placed(found, key, LONG_AGO, GOLDEN_WEEK) for key in KEYS]
    assert max(one.due_on for one in placed) == due.latest_due_day(found, GOLDEN_WEEK)
    counts = Counter(one.due_on for one in placed)
    assert sorted(counts) == [date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 12)][: len(share)]
    assert all(abs(counts[day] - wanted) < 60 for day, wanted in zip(sorted(counts), share, strict=True))
    assert all(one.expires_on == due.deadline(one.due_on, version, GOLDEN_WEEK) for one in placed)
    assert placed == [due.placed(found, key, LONG_AGO, GOLDEN_WEEK) for key in KEYS]


def test_what_is_due_by_itself_on_the_first_day_or_after_a_weekend_stays():
    assert due.under(date(2026, 10, 6), [terms(3)], GOLDEN_WEEK).spread == 1
    monday_to_friday = DeskCalendar(dict.fromkeys(range(5), SHIFT))
    assert due.under(date(2026, 9, 16), [terms(3)], monday_to_friday).spread == 1


# ---- the start of a store --------------------------------------------------------------------------------------------

START = Start(WED, 10)


def test_reminders_whose_window_is_open_at_the_start_are_spread_over_ten_desk_days():
    found = due.under(WED + days(35), [reminder(-45, 40)], CALENDAR)
    assert found.due_on < WED
    placed = [due.placed(found, f"vehicle:{number}:insurance:x", START, CALENDAR) for number in range(1_000)]
    counts = Counter(one.due_on for one in placed)
    assert min(counts) == WED
    assert max(counts) == CALENDAR.add_desk_days(WED, 9)
    assert all(60 < count < 140 for count in counts.values())
    assert {one.expires_on for one in placed} == {found.expires_on}


def test_the_ramp_ends_with_the_window():
    found = due.under(WED + days(17), [reminder(-30, 15)], CALENDAR)
    placed = {due.placed(found, f"vehicle:{number}:x", START, CALENDAR).due_on for number in range(200)}
    assert placed == {WED, WED + days(1), WED + days(2)}
    assert found.expires_on == WED + days(2)


@pytest.mark.parametrize("anchor", ["delivery", "order", "first_service", "birthday", "anniversary"])
def test_other_facts_from_before_the_start_are_not_moved_into_it(anchor):
    found = due.under(WED - days(4), [terms(3, 9, anchor=anchor)], CALENDAR)
    assert due.placed(found, "x", START, CALENDAR) == found


@given(calendars, st.integers(-60, 400), st.integers(1, 60), st.integers(1, 30), st.integers(0, 90))
def test_whatever_is_placed_lies_within_its_own_window(calendar, offset, window, ramp, back):
    version = terms(offset, window, anchor="maintenance", purpose="reminder")
    found = due.under(WED - days(back + offset), [version], calendar)
    start = Start(WED, ramp)
    for number in range(5):
        one = due.placed(found, f"vehicle:{number}", start, calendar)
        assert one.due_on <= one.expires_on
        assert calendar.is_desk_day(one.due_on)
        assert one.due_on >= WED or one == found


# ---- lateness --------------------------------------------------------------------------------------------------------

DAY = WED
LATE = [  # anchor, offset, window, known since (None: a forecast), days after the due day -> treatment
    ("insurance", -30, 15, -99, 0, Treatment.CALL),
    ("insurance", -30, 15, -99, 14, Treatment.CALL),
    ("insurance", -30, 15, 5, 10, Treatment.CALL_LATE),
    ("insurance", -30, 15, -99, 20, Treatment.MISSED),
    ("insurance", -30, 15, -99, 46, Treatment.TOO_OLD),
    ("insurance", -30, 15, 18, 20, Treatment.OVER),
    ("maintenance", -10, 15, None, 12, Treatment.CALL),
    ("maintenance", -10, 15, None, 17, Treatment.OVER),
    ("maintenance", 60, 30, None, 30, Treatment.CALL),
    ("maintenance", 60, 30, None, 50, Treatment.OVER),
    ("birthday", 0, 0, -99, 1, Treatment.MISSED),
    ("birthday", 0, 0, 1, 1, Treatment.OVER),
    ("delivery", 90, 40, 20, 20, Treatment.CALL_LATE),  # learned late, but its own window is long
]


@pytest.mark.parametrize(("anchor", "offset", "window", "known", "after", "treatment"), LATE)
def test_reminders_are_never_made_after_their_own_limit(anchor, offset, window, known, after, treatment):
    due_on = DAY - days(after)
    version = terms(offset, window, anchor=anchor)
    found = due.under(due_on - days(offset), [version], DeskCalendar(dict.fromkeys(range(7), SHIFT)))
    assert found.due_on == due_on
    recorded_on = None if known is None else due_on + days(known)
    timing = due.timing(found, recorded_on=recorded_on, today=DAY, calendar=CALENDAR)
    assert timing.treatment == treatment
    assert timing.due_on == due_on
    if due.ends_with_its_window(version):
        assert timing.expires_on == found.expires_on


def test_a_forecast_whose_window_was_slept_through_is_missed():
    found = due.under(DAY, [terms(-10, 15, anchor="maintenance")], CALENDAR)
    asked_for, today = found.expires_on, found.expires_on + days(2)
    timing = due.timing(found, recorded_on=None, today=today, calendar=CALENDAR, asked_for=asked_for)
    assert timing.treatment == Treatment.MISSED
    timing = due.timing(found, recorded_on=None, today=today, calendar=CALENDAR, asked_for=today)
    assert timing.treatment == Treatment.OVER


# ---- days that come every year ---------------------------------------------------------------------------------------

LEAP = date(2000, 2, 29)


@pytest.mark.parametrize(
    ("born", "year", "on"),
    [(LEAP, 2027, date(2027, 2, 28)), (LEAP, 2028, date(2028, 2, 29)), (date(1990, 7, 31), 2026, date(2026, 7, 31))],
)
def test_a_birthday_comes_once_a_year_also_on_a_leap_day(born, year, on):
    assert yearly.in_year(born, year) == on


@given(
    st.dates(date(1950, 1, 1), date(2020, 12, 31)), st.dates(date(2026, 1, 1), date(2032, 12, 31)), st.integers(0, 40)
)
def test_the_range_of_births_holds_exactly_who_has_a_birthday(born, first, length):
    last = min(first + days(length), date(first.year, 12, 31))
    begin, end = yearly.earliest(first, born.year), yearly.latest(last, born.year)
    assert (begin <= born <= end) == (first <= yearly.in_year(born, first.year) <= last)

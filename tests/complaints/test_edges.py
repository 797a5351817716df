"""T46–T48: the last second of a month, old days and leap days, where tickets meet them."""

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from complaints.models import Complaint, Kind, Source
from complaints.rules import clock
from complaints.rules.clock import Calendars
from crm_site.core.clock import at, business_day
from crm_site.worktime.rules import DEFAULT_STORE_WEEK, LEGAL_WEEK, LegalCalendar, WorkCalendar
from tests.complaints.story import open_ticket

MONTHS = [(2025 + number // 12, number % 12 + 1) for number in range(24)]
PLAIN = Calendars(WorkCalendar(DEFAULT_STORE_WEEK), LegalCalendar(LEGAL_WEEK))


def first_of_next(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def edge_moments() -> list[tuple[datetime, date]]:
    """2,000 moments within a second of the 24 month ends, in UTC as the server has them, with the month of each."""
    found = []
    for number in range(2000):
        year, month = MONTHS[number % 24]
        edge = at(first_of_next(year, month)).astimezone(UTC)
        offset = timedelta(microseconds=-1_000_000 + (number * 1009) % 2_000_001)
        found.append((edge + offset, date(year, month, 1) if offset < timedelta(0) else first_of_next(year, month)))
    return found


def test_every_ticket_of_a_months_last_second_lies_in_its_month(specialist_a):
    store, by = specialist_a.store, specialist_a.employee
    moments = edge_moments()
    Complaint.objects.bulk_create(
        Complaint(
            store=store, number=f"TS-{number}", kind=Kind.COMPLAINT, source=Source.PHONE, words="边界", reported_by=by,
            received_at=moment, received_on=business_day(moment), submission=uuid.uuid4(),
        )
        for number, (moment, _month) in enumerate(moments)
    )  # fmt: skip
    wanted = Counter(month for _moment, month in moments)
    counted = {
        month: Complaint.objects.received_on(month, first_of_next(month.year, month.month) - timedelta(days=1)).count()
        for month in wanted
    }
    assert counted == dict(wanted)
    assert sum(counted.values()) == 2000


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_ticket_opened_at_midnight_of_a_month_is_numbered_and_dated_by_our_clock(specialist_a, seconds):
    moment = at(date(2026, 9, 1)).astimezone(UTC) + timedelta(seconds=seconds)
    ticket = open_ticket(specialist_a, received_at=moment, now=moment)
    day = date(2026, 8, 31) if seconds < 0 else date(2026, 9, 1)
    assert ticket.received_on == day
    assert ticket.number.startswith(f"TS-{day:%y%m%d}-")


@pytest.mark.parametrize(
    ("received", "closing"),
    [
        ("2024-02-26", "2024-02-29"),
        ("2024-02-28", "2024-03-02"),
        ("2024-02-29", "2024-03-03"),
        ("2023-02-26", "2023-03-01"),
    ],
)
def test_three_open_days_count_a_leap_day_as_any_other(received, closing):
    limits = clock.Limits("L2", clock.STORE_HOURS, 120, 1440, 4320)
    start = at(date.fromisoformat(received), 10)
    assert clock.deadlines(limits, start, PLAIN).closing == at(date.fromisoformat(closing), 18)


@pytest.mark.parametrize(
    ("received", "told_by"), [("2024-02-22", "2024-03-04"), ("2024-02-29", "2024-03-11"), ("2028-02-29", "2028-03-09")]
)
def test_seven_working_days_count_a_leap_day(received, told_by):
    assert clock.legal_date(date.fromisoformat(received), PLAIN.legal) == date.fromisoformat(told_by)


def test_natural_limits_run_through_a_leap_day():
    limits = clock.Limits("L3", clock.DAYTIME, 60, 1440, 4320)
    assert clock.deadlines(limits, at(date(2024, 2, 28), 10), PLAIN).closing == at(date(2024, 3, 2), 10)


def test_any_day_of_a_pause_ends_at_the_next_midnight():
    for day in (date(1940, 1, 1), date(1986, 5, 4), date(1991, 9, 15), date(2024, 2, 29), date(2040, 12, 31)):
        assert business_day(clock.end_of_pause(day) - timedelta(seconds=1)) == day
        assert business_day(clock.end_of_pause(day)) == day + timedelta(days=1)

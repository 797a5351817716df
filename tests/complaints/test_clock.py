"""The clock of a ticket as tables and against an oracle that walks the minutes one by one."""

import random
from datetime import date, datetime, time, timedelta

import pytest

from complaints.rules import clock, escalation
from complaints.rules.clock import Calendars, Limits, Pause
from crm_site.worktime.rules import LEGAL_WEEK, SHANGHAI, LegalCalendar, Segment, WorkCalendar

HOURS = (Segment(time(8, 30), time(18, 0)),)
#: a store that is closed on Sundays and on 1–3 October 2026, and opens late on 4 October
HOLIDAYS = {date(2026, 10, 1): (), date(2026, 10, 2): (), date(2026, 10, 3): ()}
STORE = WorkCalendar(dict.fromkeys(range(6), HOURS), HOLIDAYS | {date(2026, 10, 4): (Segment(time(10), time(16)),)})
LEGAL = LegalCalendar(
    LEGAL_WEEK,
    {date(2026, 10, day): () for day in range(1, 8)} | {date(2026, 10, 10): HOURS},  # 10 October is made up
)
CALENDARS = Calendars(STORE, LEGAL)
L1 = Limits("L1", clock.STORE_HOURS, 1440, 2880, 4320)
L2 = Limits("L2", clock.STORE_HOURS, 120, 1440, 4320)
L3 = Limits("L3", clock.DAYTIME, 60, 1440, 4320)
L4 = Limits("L4", clock.NATURAL, 30, 1440, None, 7)


def at(text: str) -> datetime:
    """'9-16 12:00' of 2026 in Shanghai."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("limits", "start", "response", "proposal", "closing"),
    [
        # Wednesday noon
        (L1, "9-16 12:00", "9-17 18:00", "9-18 18:00", "9-19 18:00"),
        (L2, "9-16 12:00", "9-16 14:00", "9-17 18:00", "9-19 18:00"),
        (L3, "9-16 12:00", "9-16 13:00", "9-17 12:00", "9-19 12:00"),
        (L4, "9-16 12:00", "9-16 12:30", "9-17 12:00", "9-25 18:00"),
        # two hours that run into closing time go on in the morning
        (L2, "9-16 17:00", "9-17 09:30", "9-17 18:00", "9-19 18:00"),
        # at night nothing counts in store hours; an end by night moves to 9:30
        (L2, "9-16 23:00", "9-17 10:30", "9-17 18:00", "9-19 18:00"),
        (L3, "9-16 20:30", "9-17 09:30", "9-17 20:30", "9-19 20:30"),
        (L3, "9-16 23:00", "9-17 09:30", "9-18 09:30", "9-20 09:30"),
        (L3, "9-16 07:30", "9-16 09:30", "9-17 09:30", "9-19 09:30"),
        (L4, "9-16 23:45", "9-17 00:15", "9-17 23:45", "9-25 18:00"),
        # Saturday evening: Sunday is closed
        (L2, "9-19 17:30", "9-21 10:00", "9-21 18:00", "9-23 18:00"),
        # the holiday: three days closed, then a short Sunday
        (L2, "9-30 17:00", "10-4 11:00", "10-4 16:00", "10-6 18:00"),
        (L1, "9-30 09:00", "10-4 16:00", "10-5 18:00", "10-6 18:00"),
        # legal working days jump the holidays and count the made-up Saturday
        (L4, "9-30 09:00", "9-30 09:30", "10-1 09:00", "10-15 18:00"),
    ],
)
def test_limits_become_deadlines(limits, start, response, proposal, closing):
    assert clock.deadlines(limits, at(start), CALENDARS) == (at(response), at(proposal), at(closing))


def test_a_question_is_answered_on_the_next_open_day():
    assert clock.deadlines(None, at("9-19 10:00"), CALENDARS) == (None, None, at("9-21 18:00"))


@pytest.mark.parametrize(
    ("limits", "pause", "proposal"),
    [
        (L2, ("9-16 14:00", "9-16 16:00"), "9-18 10:30"),  # two store hours after Thursday's closing
        (L2, ("9-16 20:00", "9-17 07:00"), "9-17 18:00"),  # a pause by night costs nothing
        (L2, ("9-17 18:30", "9-18 12:00"), "9-17 18:00"),  # begun after the deadline: too late to help
        (L3, ("9-16 14:00", "9-16 16:30"), "9-17 14:30"),
        (L3, ("9-16 14:00", "9-17 00:00"), "9-18 09:30"),  # ends at 22:00, so in the morning
        (L4, ("9-16 14:00", "9-17 14:00"), "9-18 12:00"),
    ],
)
def test_a_pause_moves_what_it_began_before(limits, pause, proposal):
    paused = [Pause(at(pause[0]), at(pause[1]))]
    assert clock.deadlines(limits, at("9-16 12:00"), CALENDARS, paused).proposal == at(proposal)


def test_a_pause_adds_the_working_days_it_covers_to_seven():
    paused = [Pause(at("9-17 10:00"), at("9-19 10:00"))]  # Friday is one working day, Saturday none
    assert clock.deadlines(L4, at("9-16 12:00"), CALENDARS, paused).closing == at("9-28 18:00")


@pytest.mark.parametrize(
    ("paused", "external", "expected"),
    [
        ("9-16 13:00", "9-18 09:00", ("external", "9-18 09:00")),
        ("9-16 15:00", "9-18 09:00", ("response", "9-16 14:00")),
        ("9-16 15:00", "9-16 12:30", ("external", "9-16 12:30")),
        ("9-16 15:00", None, ("response", "9-16 14:00")),
    ],
)
def test_a_limit_from_outside_does_not_hide_what_was_broken_before_the_pause(paused, external, expected):
    due = clock.deadlines(L2, at("9-16 12:00"), CALENDARS)
    given = {"responded": False, "proposed": False, "external": at(external) if external else None}
    assert clock.ruling(due, **given, paused_at=at(paused)) == (expected[0], at(expected[1]))


@pytest.mark.parametrize(
    ("responded", "proposed", "external", "expected"),
    [
        (False, False, None, ("response", "9-16 14:00")),
        (True, False, None, ("proposal", "9-17 18:00")),
        (True, True, None, ("closing", "9-19 18:00")),
        (True, False, "9-17 09:00", ("external", "9-17 09:00")),
        (True, False, "9-18 09:00", ("proposal", "9-17 18:00")),
    ],
)
def test_the_next_promise_not_kept_rules(responded, proposed, external, expected):
    due = clock.deadlines(L2, at("9-16 12:00"), CALENDARS)
    found = clock.ruling(due, responded=responded, proposed=proposed, external=at(external) if external else None)
    assert found == (expected[0], at(expected[1]))


@pytest.mark.parametrize(
    ("received", "told_by"), [("2026-09-16", "2026-09-25"), ("2026-09-30", "2026-10-15"), ("2026-10-10", "2026-10-20")]
)
def test_the_consumer_is_told_within_seven_legal_working_days(received, told_by):
    assert clock.legal_date(date.fromisoformat(received), LEGAL) == date.fromisoformat(told_by)


# --- the oracle: walks minute by minute, knows nothing of the arithmetic ---

MINUTE = timedelta(minutes=1)


def is_open(moment: datetime) -> bool:
    wall = moment.astimezone(SHANGHAI)
    return any(begin <= wall.time() < end for begin, end in STORE.segments(wall.date()))


def walk_open_minutes(start: datetime, minutes: int) -> datetime:
    """The moment after so many open minutes."""
    moment = start
    while minutes:
        minutes -= is_open(moment)
        moment += MINUTE
    return moment


def closing_of_open_day(start: datetime, count: int) -> datetime:
    day = start.astimezone(SHANGHAI).date()
    while count:
        day += timedelta(days=1)
        count -= bool(STORE.segments(day))
    return datetime.combine(day, STORE.segments(day)[-1].ends, tzinfo=SHANGHAI)


def oracle(limits: Limits, minutes: int, start: datetime, pauses: list[Pause]) -> datetime:
    natural = limits.clock != clock.STORE_HOURS
    if natural:
        end = start + minutes * MINUTE
    elif minutes < 1440:
        end = walk_open_minutes(start, minutes)
    else:
        end = closing_of_open_day(start, minutes // 1440)
    for pause in pauses:
        if pause.start >= end:
            continue
        length = int((pause.end - pause.start) / MINUTE)
        if natural:
            end += length * MINUTE
        else:
            stood = sum(is_open(pause.start + offset * MINUTE) for offset in range(length))
            end = walk_open_minutes(end, stood) if stood else end
    if limits.clock == clock.DAYTIME:
        wall = end.astimezone(SHANGHAI)
        if wall.time() > time(21):
            end = datetime.combine(wall.date() + timedelta(days=1), time(9, 30), tzinfo=SHANGHAI)
        elif wall.time() < time(9):
            end = datetime.combine(wall.date(), time(9, 30), tzinfo=SHANGHAI)
    return end


def test_random_starts_and_pauses_agree_with_the_oracle():
    chance = random.Random(49)
    for _ in range(150):
        start = at("9-20 00:00") + chance.randrange(20 * 1440) * MINUTE
        pauses, moment = [], start
        for _ in range(chance.choice([0, 0, 1, 2])):
            begin = moment + chance.randrange(1, 1500) * MINUTE
            moment = begin + chance.randrange(1, 1500) * MINUTE
            pauses.append(Pause(begin, moment))
        limits = chance.choice([L1, L2, L3])
        found = clock.deadlines(limits, start, CALENDARS, pauses)
        wanted = [
            oracle(limits, minutes, start, pauses)
            for minutes in (limits.response_minutes, limits.proposal_minutes, limits.closing_minutes)
        ]
        assert list(found) == wanted, (limits.code, start, pauses)


# --- escalation ---


@pytest.mark.parametrize(
    ("level", "share", "roles"),
    [
        ("L1", 0.99, []),
        ("L1", 1.0, ["head"]),
        ("L2", 0.49, []),
        ("L2", 0.5, ["head"]),
        ("L2", 1.0, ["head", "manager"]),
        ("L3", 0.0, ["manager"]),
        ("L3", 1.2, ["manager", "director"]),
        ("L4", 0.0, ["director", "manager"]),
    ],
)
def test_who_hears_of_it(level, share, roles):
    assert [stage.role for stage in escalation.reached(escalation.STAGES[level], share)] == roles


@pytest.mark.parametrize(
    ("level", "when", "decent"),
    [
        ("L1", "9-16 12:00", True),
        ("L2", "9-16 19:00", False),
        ("L2", "9-20 12:00", False),  # Sunday, closed
        ("L3", "9-20 12:00", True),
        ("L3", "9-16 22:00", False),
        ("L4", "9-16 03:00", True),
    ],
)
def test_nobody_is_told_at_an_indecent_hour(level, when, decent):
    assert escalation.is_decent(level, at(when), STORE) == decent

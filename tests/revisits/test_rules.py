"""The rules of revisits as tables: due days, lateness, whom to dial, what a call's result causes."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_site.worktime.rules import SHANGHAI, DeskCalendar, Segment
from revisits.defaults.results import RESULTS
from revisits.rules import contact, due, outcomes
from revisits.rules.codes import Reason, State
from revisits.rules.contact import Cover, Number, Visit
from revisits.rules.due import Treatment
from revisits.rules.outcomes import Situation, outcome

WED = date(2026, 9, 16)
SHIFT = (Segment(time(8, 30), time(18)),)
CALENDAR = DeskCalendar(dict.fromkeys(range(6), SHIFT))  # Monday to Saturday
RESULT = {row.code: row for row in RESULTS}


def days(count: int) -> timedelta:
    return timedelta(days=count)


def at(hour: int, minute: int = 0, day: date = WED) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def version(offset=3, window=3, since=date(2000, 1, 1), until=None, is_on=True, anchor="order", purpose="revisit"):
    return SimpleNamespace(
        offset_days=offset,
        window_after=window,
        effective_from=since,
        effective_until=until,
        is_on=is_on,
        anchor=anchor,
        purpose=purpose,
    )


# ---- due days --------------------------------------------------------------------------------------------------------

DUE_DAYS = [  # anchor, offset, window -> due, deadline; the 20th is a Sunday
    (date(2026, 9, 13), 3, 3, WED, date(2026, 9, 19)),
    (date(2026, 9, 14), 3, 3, date(2026, 9, 17), date(2026, 9, 21)),
    (date(2026, 9, 17), 3, 3, date(2026, 9, 21), date(2026, 9, 24)),
    (date(2026, 9, 19), 1, 1, date(2026, 9, 21), date(2026, 9, 22)),
    (WED, 0, 0, WED, WED),
]


@pytest.mark.parametrize(("anchor", "offset", "window", "due_on", "expires_on"), DUE_DAYS)
def test_due_days_and_windows_run_along_desk_days(anchor, offset, window, due_on, expires_on):
    terms = version(offset, window)
    assert due.due_day(anchor, terms, CALENDAR) == due_on
    assert due.deadline(due_on, terms, CALENDAR) == expires_on


def test_a_long_holiday_moves_due_day_and_window():
    golden_week = {date(2026, 10, 1) + days(n): () for n in range(8)}
    calendar = DeskCalendar(CALENDAR.week, golden_week)
    terms = version()
    assert due.due_day(date(2026, 9, 29), terms, calendar) == date(2026, 10, 9)
    assert due.deadline(date(2026, 10, 9), terms, calendar) == date(2026, 10, 13)


TIMINGS = [  # due so many days ago, learned so many days ago -> treatment
    (0, 0, Treatment.CALL),
    (0, 9, Treatment.CALL),
    (1, 9, Treatment.CALL),
    (1, 0, Treatment.CALL_LATE),
    (3, 9, Treatment.CALL),
    (5, 9, Treatment.CALL_LATE),
    (14, 0, Treatment.CALL_LATE),
    (15, 0, Treatment.MISSED),
    (45, 0, Treatment.MISSED),
    (46, 0, Treatment.TOO_OLD),
]


@pytest.mark.parametrize(("late", "learned", "treatment"), TIMINGS)
def test_late_facts_are_called_recorded_or_left_out(late, learned, treatment):
    due_on = WED - days(late)
    found = due.DueDay(due_on - days(3), version(), due_on, due.deadline(due_on, version(), CALENDAR))
    timing = due.timing(found, recorded_on=WED - days(learned), today=WED, calendar=CALENDAR)
    assert timing.treatment == treatment
    assert timing.due_on == due_on
    if treatment == Treatment.CALL_LATE:
        assert timing.expires_on == date(2026, 9, 21)  # the next desk day and three more


@given(
    offsets=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    gaps=st.lists(st.integers(1, 40), min_size=3, max_size=3),
)
def test_every_anchor_day_is_due_once_whatever_versions_follow_each_other(offsets, gaps):
    starts = [date(2026, 6, 1)]
    for gap in gaps[: len(offsets) - 1]:
        starts.append(starts[-1] + days(gap))
    ends = [start - days(1) for start in starts[1:]] + [None]
    versions = [version(offset, 1, since, until) for offset, since, until in zip(offsets, starts, ends, strict=True)]
    found = list(due.due_days(versions, CALENDAR, since=date(2026, 5, 1), until=date(2026, 12, 31)))
    anchors = [one.anchor_on for one in found]
    assert len(anchors) == len(set(anchors))
    first = anchors[0]
    assert anchors == [first + days(n) for n in range(len(anchors))]
    assert all(one.version.effective_from <= one.due_on for one in found)


def test_a_version_that_is_off_takes_its_days_and_gives_nothing():
    versions = [version(until=WED), version(since=WED + days(1), is_on=False)]
    found = due.due_days(versions, CALENDAR, since=WED - days(5), until=WED + days(30))
    assert max(one.due_on for one in found) == WED


# ---- whom to dial ----------------------------------------------------------------------------------------------------

A, B, C = Number(1, "13800000001"), Number(2, "13800000002"), Number(3, "13800000003")

ORDERS = [
    (["picker", "owner"], {"picker": [B], "owner": [A]}, [B, A]),
    (["picker", "owner"], {"picker": [], "owner": [A], "other": [A, C]}, [A, C]),
    (["bringer", "driver", "owner"], {"owner": [A], "driver": [C], "bringer": [B]}, [B, C, A]),
    (["owner"], {"owner": [A, A]}, [A]),
    (["owner"], {}, []),
]


@pytest.mark.parametrize(("whom", "people", "numbers"), ORDERS)
def test_numbers_come_in_the_rules_order_and_once(whom, people, numbers):
    assert contact.numbers_in_order(whom, people) == numbers


@pytest.mark.parametrize(
    ("numbers", "own", "choice"),
    [
        ([A, B], set(), (A, None)),
        ([A, B], {A.digits}, (B, None)),
        ([A], {A.digits}, (None, Reason.EMPLOYEE_PHONE)),
        ([], {A.digits}, (None, Reason.NO_PHONE)),
    ],
)
def test_colleagues_are_not_called_as_customers(numbers, own, choice):
    assert contact.choose_number(numbers, own) == choice


@pytest.mark.parametrize(
    ("purpose", "bans", "restricted", "reason"),
    [
        ("revisit", [], False, None),
        ("revisit", [], True, Reason.RESTRICTED),
        ("revisit", ["marketing"], False, None),
        ("revisit", ["revisit"], False, Reason.REFUSES_CALLS),
        ("care", ["revisit"], False, Reason.REFUSES_CALLS),
        ("marketing", ["revisit"], False, None),
        ("marketing", ["marketing"], False, Reason.REFUSES_MARKETING),
        ("complaint", ["revisit"], False, None),
        ("complaint", ["all"], False, Reason.REFUSES_CALLS),
        ("complaint", [], True, Reason.RESTRICTED),
    ],
)
def test_refusals_stop_what_they_mean(purpose, bans, restricted, reason):
    assert contact.refusal(purpose, restricted=restricted, bans=bans) == reason


def test_about_one_in_ten_is_drawn_and_always_the_same():
    keys = [f"order:{number}" for number in range(5_000)]
    drawn = [key for key in keys if contact.is_drawn(key, 10)]
    assert 400 < len(drawn) < 600
    assert drawn == [key for key in keys if contact.is_drawn(key, 10)]
    assert not any(contact.is_drawn(key, 0) for key in keys)
    assert all(contact.is_drawn(key, 100) for key in keys)


FORMS = [
    ({}, False, False, "CSI_SHORT"),
    ({"full_form": "CSI", "full_form_percent": 100}, False, False, "CSI"),
    ({"full_form": "CSI", "full_form_percent": 100}, True, False, "CSI_SHORT"),
    ({"short_form": "THREE"}, True, False, "THREE"),
    ({"scored": True}, False, True, ""),
    ({}, False, True, "CSI_SHORT"),
]


@pytest.mark.parametrize(("conditions", "had_full", "unhappy", "code"), FORMS)
def test_the_form_follows_the_rule_the_phone_and_open_complaints(conditions, had_full, unhappy, code):
    asked = contact.form_code(
        "CSI_SHORT", conditions, anchor_key="order:1", had_full_form=had_full, open_complaint=unhappy
    )
    assert asked == code


MERGES = [
    ([(1, 7, 0), (2, 7, 3)], {}, {2: Cover(visit=1)}),
    ([(1, 7, 0), (2, 7, 4)], {}, {}),
    ([(1, 7, 0), (2, 7, 3), (3, 7, 6)], {}, {2: Cover(visit=1)}),  # the third is four days from any call
    ([(1, 7, 0), (2, 8, 1)], {}, {}),
    ([(1, 7, 0)], {7: [(WED + days(3), 99)]}, {1: Cover(task_id=99)}),
    ([(1, 7, 0)], {7: [(WED + days(4), 99)]}, {}),
]


@pytest.mark.parametrize(("visits", "tasks", "covered"), MERGES)
def test_visits_of_a_car_within_three_days_are_one_call(visits, tasks, covered):
    given_visits = [Visit(key, car, WED + days(after)) for key, car, after in visits]
    assert contact.merge_visits(given_visits, tasks) == covered


# ---- what a result causes --------------------------------------------------------------------------------------------

PROGRESS, DONE, FAILED, NO_NUMBER, CANCELLED = (
    State.IN_PROGRESS, State.DONE, State.FAILED, State.NO_NUMBER, State.CANCELLED,
)  # fmt: skip

#: result -> (state, tries) after the first, second and third call with it, of three tries
TABLE = {
    "SUCCESS": [(DONE, 1), (DONE, 2), (DONE, 3)],
    "PARTIAL": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "HUNG_UP": [(PROGRESS, 1), (FAILED, 2), (FAILED, 3)],
    "RESCHED": [(PROGRESS, 0), (PROGRESS, 1), (PROGRESS, 2)],
    "LATER": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "REFUSED": [(FAILED, 1), (FAILED, 2), (FAILED, 3)],
    "NOT_OWNER": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "SOLD": [(CANCELLED, 1), (CANCELLED, 2), (CANCELLED, 3)],
    "NO_ANSWER": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "BUSY": [(PROGRESS, 0), (PROGRESS, 2), (FAILED, 3)],
    "REJECTED": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "POWER_OFF": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "UNREACH": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "VOICEMAIL": [(PROGRESS, 1), (PROGRESS, 2), (FAILED, 3)],
    "SUSPENDED": [(NO_NUMBER, 0), (NO_NUMBER, 1), (NO_NUMBER, 2)],
    "VACANT": [(NO_NUMBER, 0), (NO_NUMBER, 1), (NO_NUMBER, 2)],
    "WRONG_NO": [(NO_NUMBER, 0), (NO_NUMBER, 1), (NO_NUMBER, 2)],
}


def test_the_table_knows_every_result():
    assert set(TABLE) == set(RESULT)
    assert len(RESULT) == 17


@pytest.mark.parametrize(
    ("code", "attempt", "state", "tries"),
    [(code, attempt, *expected) for code, row in TABLE.items() for attempt, expected in enumerate(row, start=1)],
)
def test_each_result_on_each_attempt(code, attempt, state, tries):
    situation = Situation(
        tries_made=attempt - 1,
        max_tries=3,
        now=at(10),
        repeats=attempt - 1,
        agreed_at=at(15) if code == "RESCHED" else None,
        first_attempt_on=WED - days(1),
    )
    found = outcome(RESULT[code], situation, CALENDAR)
    assert (found.state, found.tries_made) == (state, tries)
    assert found.ends == (state in {DONE, FAILED, CANCELLED})
    assert (found.not_before is None) == (state != PROGRESS)
    assert found.check_phone == (state in {FAILED, NO_NUMBER} and code != "REFUSED")


@pytest.mark.parametrize("code", ["SUSPENDED", "VACANT", "WRONG_NO"])
def test_a_bad_number_leads_to_the_next_one(code):
    found = outcome(RESULT[code], Situation(2, 3, at(10), more_numbers=True), CALENDAR)
    assert (found.state, found.next_number, found.number_is_bad, found.tries_made) == (PROGRESS, True, True, 2)


def test_the_wrong_person_leads_to_another_number():
    found = outcome(RESULT["NOT_OWNER"], Situation(0, 3, at(10), more_numbers=True), CALENDAR)
    assert (found.state, found.next_number, found.number_is_bad) == (PROGRESS, True, False)


def test_a_promise_is_kept_at_its_time():
    found = outcome(RESULT["RESCHED"], Situation(2, 3, at(10), agreed_at=at(20, 30)), CALENDAR)
    assert (found.promised_at, found.not_before) == (at(20, 30), at(20, 30))


SAT, MON, THU = date(2026, 9, 19), date(2026, 9, 21), date(2026, 9, 17)
RETRIES = [  # result, called at -> again from
    ("NO_ANSWER", at(8, 40), at(9, 30)),
    ("NO_ANSWER", at(10), at(14, 30)),
    ("NO_ANSWER", at(12, 30), at(14, 30)),
    ("NO_ANSWER", at(15), at(17, 30)),
    ("NO_ANSWER", at(17, 45), at(9, 30, THU)),
    ("NO_ANSWER", at(17, 45, SAT), at(9, 30, MON)),
    ("BUSY", at(10), at(10, 30)),
    ("BUSY", at(11, 40), at(14, 30)),
    ("BUSY", at(17, 20), at(17, 50)),
    ("BUSY", at(17, 40), at(9, 30, THU)),
    ("POWER_OFF", at(10), at(14, 30, THU)),
    ("POWER_OFF", at(15), at(9, 30, THU)),
    ("REJECTED", at(15, 0, SAT), at(9, 30, MON)),
]


@pytest.mark.parametrize(("code", "now", "again"), RETRIES)
def test_the_next_try_lies_in_another_band_while_the_desk_works(code, now, again):
    situation = Situation(0, 3, now, first_attempt_on=now.date() - days(1))
    assert outcome(RESULT[code], situation, CALENDAR).not_before == again


def test_the_last_try_is_made_on_another_day():
    second_on_the_first_day = Situation(1, 3, at(10), first_attempt_on=WED)
    assert outcome(RESULT["NO_ANSWER"], second_on_the_first_day, CALENDAR).not_before == at(14, 30, THU)
    on_the_second_day = Situation(1, 3, at(10, 0, THU), first_attempt_on=WED)
    assert outcome(RESULT["NO_ANSWER"], on_the_second_day, CALENDAR).not_before == at(14, 30, THU)


@given(minute=st.integers(0, 24 * 60 - 1), day=st.integers(0, 13), code=st.sampled_from(sorted(RESULT)))
def test_we_never_choose_noon_night_or_a_closed_day(minute, day, code):
    now = at(0, 0, WED + days(day)) + timedelta(minutes=minute)
    again = outcome(RESULT[code], Situation(0, 5, now, agreed_at=None), CALENDAR).not_before
    if again is not None:
        assert again > now
        assert outcomes.may_choose(again)
        assert CALENDAR.is_open_at(again)


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        (at(8, 59), (time(20), time(9))),
        (at(9), None),
        (at(11, 59), None),
        (at(12), (time(12), time(14))),
        (at(14), None),
        (at(19, 59), None),
        (at(20), (time(20), time(9))),
    ],
)
def test_quiet_hours_are_what_lies_between_those_of_our_own_choice(now, quiet):
    assert outcomes.quiet_hours(now) == quiet
    assert outcomes.may_choose(now) == (quiet is None)


@pytest.mark.parametrize(
    ("agreed", "problem"),
    [
        (None, "missing"),
        (at(10), "past"),
        (at(10, 1), ""),
        (at(8, 0, THU), ""),
        (at(7, 59, THU), "hours"),
        (at(21, 0, THU), ""),
        (at(21, 1, THU), "hours"),
        (at(12, 30, THU), ""),
        (at(10, 1) + days(60), "too_far"),
    ],
)
def test_what_may_be_promised(agreed, problem):
    assert outcomes.promise_problem(agreed, at(10)) == problem

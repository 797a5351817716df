"""What a call's result causes, as one table of expectations: result × attempt × numbers × days × repeats (domain 4.4).

The rows are written down, not reckoned: whoever changes `revisits.rules.outcomes` changes them knowingly.
"""

from datetime import date, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm_site.worktime.rules import SHANGHAI, DeskCalendar, Segment
from revisits.defaults.results import RESULTS
from revisits.rules import outcomes
from revisits.rules.codes import State
from revisits.rules.outcomes import Situation, outcome

WED, THU, FRI, SAT, MON = (date(2026, 9, day) for day in (16, 17, 18, 19, 21))
TABLE_DAYS = {"Wed": WED, "Thu": THU}
CALENDAR = DeskCalendar(dict.fromkeys(range(6), (Segment(time(8, 30), time(18)),)))  # Monday to Saturday
RESULT = {row.code: row for row in RESULTS}


def at(hour: int, minute: int = 0, day: date = WED) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


# Each call is made on Wednesday at 15:00, by a rule of three tries; a promise is for Thursday 16:40.
#   more: another number can be dialled · same: every attempt so far was made today · again: this result came before
#   * = yes and no · state and tries afterwards · when again (- = no such moment, or at once) · reason
#   next: the next number is dialled · bad: the number is marked · check: reception asks at the next visit · promise
TABLE = """
result     try more same again | state       tries when      reason       also
SUCCESS    1   *    *    *     | done        1     -         -            -
SUCCESS    2   *    *    *     | done        2     -         -            -
SUCCESS    3   *    *    *     | done        3     -         -            -
PARTIAL    1   *    *    *     | in_progress 1     Wed-17:30 -            -
PARTIAL    2   *    no   *     | in_progress 2     Wed-17:30 -            -
PARTIAL    2   *    yes  *     | in_progress 2     Thu-09:30 -            -
PARTIAL    3   *    *    *     | failed      3     -         not_reached  check
HUNG_UP    1   *    *    no    | in_progress 1     Wed-17:30 -            -
HUNG_UP    1   *    *    yes   | failed      1     -         not_reached  check
HUNG_UP    2   *    *    yes   | failed      2     -         not_reached  check
HUNG_UP    2   *    no   no    | in_progress 2     Wed-17:30 -            -
HUNG_UP    2   *    yes  no    | in_progress 2     Thu-09:30 -            -
HUNG_UP    3   *    *    *     | failed      3     -         not_reached  check
RESCHED    1   *    *    *     | in_progress 0     Thu-16:40 -            promise
RESCHED    2   *    *    *     | in_progress 1     Thu-16:40 -            promise
RESCHED    3   *    *    *     | in_progress 2     Thu-16:40 -            promise
LATER      1   *    *    *     | in_progress 1     Wed-17:30 -            -
LATER      2   *    no   *     | in_progress 2     Wed-17:30 -            -
LATER      2   *    yes  *     | in_progress 2     Thu-09:30 -            -
LATER      3   *    *    *     | failed      3     -         not_reached  check
REFUSED    1   *    *    *     | failed      1     -         refused      -
REFUSED    2   *    *    *     | failed      2     -         refused      -
REFUSED    3   *    *    *     | failed      3     -         refused      -
NOT_OWNER  1   no   *    *     | in_progress 1     Wed-17:30 -            -
NOT_OWNER  1   yes  *    *     | in_progress 1     -         -            next
NOT_OWNER  2   no   no   *     | in_progress 2     Wed-17:30 -            -
NOT_OWNER  2   no   yes  *     | in_progress 2     Thu-09:30 -            -
NOT_OWNER  2   yes  *    *     | in_progress 2     -         -            next
NOT_OWNER  3   no   *    *     | failed      3     -         not_reached  check
NOT_OWNER  3   yes  *    *     | in_progress 3     -         -            next
SOLD       1   *    *    *     | cancelled   1     -         vehicle_sold -
SOLD       2   *    *    *     | cancelled   2     -         vehicle_sold -
SOLD       3   *    *    *     | cancelled   3     -         vehicle_sold -
NO_ANSWER  1   *    *    *     | in_progress 1     Wed-17:30 -            -
NO_ANSWER  2   *    no   *     | in_progress 2     Wed-17:30 -            -
NO_ANSWER  2   *    yes  *     | in_progress 2     Thu-09:30 -            -
NO_ANSWER  3   *    *    *     | failed      3     -         not_reached  check
BUSY       1   *    *    no    | in_progress 0     Wed-15:30 -            -
BUSY       1   *    *    yes   | in_progress 1     Wed-15:30 -            -
BUSY       2   *    *    no    | in_progress 1     Wed-15:30 -            -
BUSY       2   *    no   yes   | in_progress 2     Wed-15:30 -            -
BUSY       2   *    yes  yes   | in_progress 2     Thu-09:30 -            -
BUSY       3   *    *    yes   | failed      3     -         not_reached  check
BUSY       3   *    no   no    | in_progress 2     Wed-15:30 -            -
BUSY       3   *    yes  no    | in_progress 2     Thu-09:30 -            -
REJECTED   1   *    *    *     | in_progress 1     Thu-09:30 -            -
REJECTED   2   *    *    *     | in_progress 2     Thu-09:30 -            -
REJECTED   3   *    *    *     | failed      3     -         not_reached  check
POWER_OFF  1   *    *    *     | in_progress 1     Thu-09:30 -            -
POWER_OFF  2   *    *    *     | in_progress 2     Thu-09:30 -            -
POWER_OFF  3   *    *    *     | failed      3     -         not_reached  check
UNREACH    1   *    *    *     | in_progress 1     Wed-17:30 -            -
UNREACH    2   *    no   *     | in_progress 2     Wed-17:30 -            -
UNREACH    2   *    yes  *     | in_progress 2     Thu-09:30 -            -
UNREACH    3   *    *    *     | failed      3     -         not_reached  check
VOICEMAIL  1   *    *    *     | in_progress 1     Wed-17:30 -            -
VOICEMAIL  2   *    no   *     | in_progress 2     Wed-17:30 -            -
VOICEMAIL  2   *    yes  *     | in_progress 2     Thu-09:30 -            -
VOICEMAIL  3   *    *    *     | failed      3     -         not_reached  check
SUSPENDED  1   no   *    *     | no_number   0     -         bad_numbers  bad+check
SUSPENDED  1   yes  *    *     | in_progress 0     -         -            next+bad
SUSPENDED  2   no   *    *     | no_number   1     -         bad_numbers  bad+check
SUSPENDED  2   yes  *    *     | in_progress 1     -         -            next+bad
SUSPENDED  3   no   *    *     | no_number   2     -         bad_numbers  bad+check
SUSPENDED  3   yes  *    *     | in_progress 2     -         -            next+bad
VACANT     1   no   *    *     | no_number   0     -         bad_numbers  bad+check
VACANT     1   yes  *    *     | in_progress 0     -         -            next+bad
VACANT     2   no   *    *     | no_number   1     -         bad_numbers  bad+check
VACANT     2   yes  *    *     | in_progress 1     -         -            next+bad
VACANT     3   no   *    *     | no_number   2     -         bad_numbers  bad+check
VACANT     3   yes  *    *     | in_progress 2     -         -            next+bad
WRONG_NO   1   no   *    *     | no_number   0     -         bad_numbers  bad+check
WRONG_NO   1   yes  *    *     | in_progress 0     -         -            next+bad
WRONG_NO   2   no   *    *     | no_number   1     -         bad_numbers  bad+check
WRONG_NO   2   yes  *    *     | in_progress 1     -         -            next+bad
WRONG_NO   3   no   *    *     | no_number   2     -         bad_numbers  bad+check
WRONG_NO   3   yes  *    *     | in_progress 2     -         -            next+bad
"""
HEAD, *ROWS = [line.replace("|", " ").split() for line in TABLE.strip().splitlines()]
YES_OR_NO = {"*": (False, True), "yes": (True,), "no": (False,)}


def cases():
    """Every row with each combination that it stands for: (result, attempt, more, same, again), expected."""
    for code, attempt, more, same, again, *expected in ROWS:
        for flags in product(YES_OR_NO[more], YES_OR_NO[same], YES_OR_NO[again]):
            yield (code, int(attempt), *flags), expected


def test_the_table_has_one_row_for_every_case():
    stood_for = [case for case, _expected in cases()]
    assert sorted(stood_for) == sorted(product(RESULT, (1, 2, 3), *[(False, True)] * 3))
    assert len(RESULT) == 17


@pytest.mark.parametrize(("case", "expected"), list(cases()), ids=str)
def test_each_case_ends_as_its_row_says(case, expected):
    code, attempt, more, same, again = case
    state, tries, when, reason, also = expected
    found = outcome(RESULT[code], _situation(attempt, more=more, same=same, again=again), CALENDAR)
    assert (found.state.value, found.tries_made) == (state, int(tries))
    assert _when(found.not_before) == when
    assert (found.reason or "-") == reason
    assert _also(found) == also
    assert found.ends == (state in {"done", "failed", "excused", "cancelled"})


def _situation(attempt: int, *, more: bool, same: bool, again: bool) -> Situation:
    """A call on Wednesday at 15:00, after attempts in the morning of the same day or of the day before."""
    day = WED if same else WED - timedelta(days=1)
    is_first = attempt == 1 and same
    return Situation(
        tries_made=attempt - 1,
        max_tries=3,
        now=at(15),
        repeats=int(again),
        more_numbers=more,
        agreed_at=at(16, 40, THU),
        first_attempt_on=None if is_first else day,
        earlier=() if is_first else (at(10, 0, day),),
    )


def _when(moment: datetime | None) -> str:
    if moment is None:
        return "-"
    return f"{next(name for name, day in TABLE_DAYS.items() if day == moment.date())}-{moment:%H:%M}"


def _also(found: outcomes.Outcome) -> str:
    marks = {
        "next": found.next_number,
        "bad": found.number_is_bad,
        "check": found.check_phone,
        "promise": found.promised_at is not None,
    }
    return "+".join(name for name, is_set in marks.items() if is_set) or "-"


# ---- the next moment -------------------------------------------------------------------------------------------------

HOLIDAY = DeskCalendar(CALENDAR.week, {THU: (), FRI: (), SAT: ()})
FROM_TEN = DeskCalendar(dict.fromkeys(range(6), (Segment(time(10), time(12)), Segment(time(13), time(17)))))
LATE_DESK = DeskCalendar(dict.fromkeys(range(7), (Segment(time(9), time(21)),)))

MOMENTS = [  # result, called at, calendar -> again from
    ("NO_ANSWER", at(9, 10), CALENDAR, at(14, 30)),
    ("NO_ANSWER", at(11, 20), CALENDAR, at(14, 30)),
    ("NO_ANSWER", at(11, 45), CALENDAR, at(14, 30)),
    ("NO_ANSWER", at(13), CALENDAR, at(14, 30)),
    ("NO_ANSWER", at(14, 10), CALENDAR, at(17, 30)),
    ("NO_ANSWER", at(17, 29), CALENDAR, at(17, 30)),
    ("NO_ANSWER", at(17, 31), CALENDAR, at(9, 30, THU)),
    ("NO_ANSWER", at(20, 30), CALENDAR, at(9, 30, THU)),
    ("NO_ANSWER", at(17, 45), HOLIDAY, at(9, 30, MON)),
    ("NO_ANSWER", at(10), FROM_TEN, at(14, 30)),
    ("NO_ANSWER", at(16), FROM_TEN, at(10, 0, THU)),
    ("NO_ANSWER", at(17, 45), LATE_DESK, at(9, 30, THU)),
    ("POWER_OFF", at(10), HOLIDAY, at(14, 30, MON)),
    ("REJECTED", at(15, 0, SAT), CALENDAR, at(9, 30, MON)),
    ("BUSY", at(11, 20), CALENDAR, at(11, 50)),
    ("BUSY", at(11, 30), CALENDAR, at(14, 30)),
    ("BUSY", at(11, 45), CALENDAR, at(14, 30)),
    ("BUSY", at(8, 15), CALENDAR, at(9, 30)),
    ("BUSY", at(17, 20), CALENDAR, at(17, 50)),
    ("BUSY", at(17, 40), CALENDAR, at(9, 30, THU)),
    ("BUSY", at(17, 40), HOLIDAY, at(9, 30, MON)),
    ("BUSY", at(19, 20), LATE_DESK, at(19, 50)),
    ("BUSY", at(19, 30), LATE_DESK, at(9, 30, THU)),
]


@pytest.mark.parametrize(("code", "now", "calendar", "again"), MOMENTS)
def test_the_next_try_comes_at_a_time_when_we_may_and_somebody_is_there(code, now, calendar, again):
    assert outcome(RESULT[code], Situation(0, 3, now), calendar).not_before == again


NEXT_NUMBERS = [  # a further number is dialled at once, unless the customer was reached at a time of their own choice
    (at(10), CALENDAR, None),
    (at(19, 30), CALENDAR, None),
    (at(12, 15), CALENDAR, at(14, 30)),
    (at(20, 15), CALENDAR, at(9, 30, THU)),
    (at(10, 0, THU), HOLIDAY, at(9, 30, MON)),
]


@pytest.mark.parametrize("code", ["SUSPENDED", "VACANT", "WRONG_NO", "NOT_OWNER"])
@pytest.mark.parametrize(("now", "calendar", "again"), NEXT_NUMBERS)
def test_a_further_number_is_not_dialled_in_quiet_hours(code, now, calendar, again):
    found = outcome(RESULT[code], Situation(0, 3, now, more_numbers=True), calendar)
    assert (found.next_number, found.not_before) == (True, again)


LAST_TRIES = [  # result, tries made, earlier attempts, called at -> the last try
    ("NO_ANSWER", 1, [at(10)], at(15), at(9, 30, THU)),  # two bands, one day: another day
    ("NO_ANSWER", 1, [at(10, 0, THU)], at(10, 0, FRI), at(14, 30, FRI)),
    ("POWER_OFF", 1, [at(10, 0, THU)], at(10, 0, FRI), at(14, 30, SAT)),
    ("BUSY", 1, [at(10), at(10, 30)], at(11), at(14, 30, THU)),
    ("BUSY", 1, [at(10), at(15, 30)], at(9, 40, THU), at(10, 10, THU)),  # two days, two bands: no need to wait
    ("BUSY", 1, [at(10), at(10, 30)], at(9, 40, THU), at(14, 30, THU)),  # two days, one band
]


@pytest.mark.parametrize(("code", "tries", "earlier", "now", "again"), LAST_TRIES)
def test_the_last_try_brings_the_day_or_the_band_that_is_missing(code, tries, earlier, now, again):
    situation = Situation(tries, 3, now, repeats=1, first_attempt_on=earlier[0].date(), earlier=tuple(earlier))
    assert outcome(RESULT[code], situation, CALENDAR).not_before == again


def test_the_last_try_looks_for_a_day_with_another_band():
    mornings = (Segment(time(9), time(12)),)
    calendar = DeskCalendar({3: mornings, 4: mornings, 0: (Segment(time(9), time(18)),)})
    situation = Situation(1, 3, at(10, 0, FRI), first_attempt_on=THU, earlier=(at(10, 0, THU),))
    assert outcome(RESULT["NO_ANSWER"], situation, calendar).not_before == at(14, 30, MON)


# ---- whatever the calendar -------------------------------------------------------------------------------------------

QUARTERS = st.integers(28, 84).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))  # 7:00 to 21:00
SHIFTS = st.lists(QUARTERS, min_size=2, max_size=4, unique=True).map(
    lambda edges: tuple(Segment(*pair) for pair in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
WEEKS = st.dictionaries(st.integers(0, 6), SHIFTS, min_size=1)
CLOSED = st.sets(st.integers(0, 20), max_size=12).map(lambda days: {WED + timedelta(days=day): () for day in days})
CALENDARS = st.builds(DeskCalendar, WEEKS, CLOSED)
MINUTES = st.integers(0, 24 * 60 - 1)
GOES_ON = sorted(set(RESULT) - {"SUCCESS", "REFUSED", "SOLD", "RESCHED"})


@given(
    CALENDARS, st.integers(0, 13), MINUTES, st.sampled_from(GOES_ON), st.integers(0, 3), st.booleans(), st.booleans()
)
def test_nothing_of_our_own_choice_lies_in_quiet_hours_or_on_a_closed_day(
    calendar, day, minute, code, tries, more, again
):
    now = at(0, 0, WED + timedelta(days=day)) + timedelta(minutes=minute)
    situation = Situation(tries, 4, now, repeats=int(again), more_numbers=more)
    found = outcome(RESULT[code], situation, calendar)
    if found.next_number and found.not_before is None:
        assert outcomes.may_choose(now)
        assert calendar.is_desk_day(now.date())
    if found.not_before is not None:
        assert found.not_before > now
        assert outcomes.may_choose(found.not_before)
        assert calendar.is_desk_day(found.not_before.date())


@given(CALENDARS, st.integers(2, 5), st.lists(st.sampled_from(GOES_ON), min_size=12, max_size=12), st.data())
def test_tries_lie_on_two_days_and_in_two_bands(calendar, max_tries, codes, data):
    usual = [WED + timedelta(days=day) for day in range(21, 28)]
    assume(all(len(outcomes.openings(day, calendar)) >= 2 for day in usual if calendar.is_desk_day(day)))
    now = outcomes.next_band(at(8), calendar)
    attempts, tries = [], 0
    for code in codes:
        situation = Situation(
            tries,
            max_tries,
            now,
            repeats=0 if code == "HUNG_UP" else 1,
            first_attempt_on=attempts[0].date() if attempts else None,
            earlier=tuple(attempts),
        )
        found = outcome(RESULT[code], situation, calendar)
        attempts.append(now)
        tries = found.tries_made
        if found.not_before is None:
            break
        assert found.not_before > now
        now = found.not_before + timedelta(minutes=data.draw(st.integers(0, 9)))
    if found.state == State.FAILED:
        assert len({moment.date() for moment in attempts}) >= 2
        assert len({outcomes.part_of_day(moment) for moment in attempts}) >= 2

"""T49: a thousand deadlines against an oracle that is built from the official holiday papers minute by minute."""

import json
import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from complaints import ledger
from complaints.models import Level
from complaints.rules import clock
from complaints.rules import ledger as rules
from complaints.rules.ledger import Basis, Entry
from crm_site.worktime import actions as worktime
from crm_site.worktime.models import OpeningHours
from crm_site.worktime.rules import SHANGHAI

PAPERS = Path(__file__).resolve().parents[3] / "shared/data/holidays-cn"
pytestmark = pytest.mark.skipif(not PAPERS.is_dir(), reason="the official holiday papers (shared/data) are not here")

FIRST, YEARS = date(2019, 1, 1), range(2019, 2025)
ZERO = datetime.combine(FIRST, time.min, tzinfo=SHANGHAI)
DAY = 1440
#: the store: Monday to Friday in two shifts; a make-up Saturday has the same
SHIFTS = ((8 * 60 + 30, 12 * 60), (13 * 60 + 30, 18 * 60 + 30))
OFFICE_ENDS = 18 * 60
LIMITS = {"L1": (DAY, 2 * DAY, 3 * DAY), "L2": (120, DAY, 3 * DAY), "L3": (60, DAY, 3 * DAY), "L4": (30, DAY, None)}


class Oracle:
    """Knows for every minute whether the store is open, and walks; built from the papers, from nothing of ours."""

    def __init__(self) -> None:
        days = [one for year in YEARS for one in json.loads((PAPERS / f"{year}.json").read_text("utf-8"))["days"]]
        off = {date.fromisoformat(one["date"]): one["isOffDay"] for one in days}
        whole = (date(YEARS[-1], 12, 31) - FIRST).days + 1
        self.works = [
            not off.get(FIRST + timedelta(days=n), (FIRST + timedelta(days=n)).weekday() > 4) for n in range(whole)
        ]
        self.open = bytearray(whole * DAY)
        for number, works in enumerate(self.works):
            for begins, ends in SHIFTS if works else ():
                self.open[number * DAY + begins : number * DAY + ends] = b"\1" * (ends - begins)

    def walk(self, minute: int, count: int) -> int:
        """The end of the count-th open minute from here on."""
        while count:
            count -= self.open[minute]
            minute += 1
        return minute

    def nth_day(self, minute: int, count: int) -> int:
        """The number of the count-th working day after the day of a minute."""
        day = minute // DAY
        while count:
            day += 1
            count -= self.works[day]
        return day

    def limit(self, level: str, minutes: int, start: int, pauses: list[tuple[int, int]]) -> int:
        in_store = level in {"L1", "L2"}
        if not in_store:
            end = start + minutes
        elif minutes < DAY:
            end = self.walk(start, minutes)
        else:
            end = self.nth_day(start, minutes // DAY) * DAY + SHIFTS[-1][1]
        for begins, ends in pauses:
            if begins < end:
                end = self.walk(end, self.open.count(1, begins, ends)) if in_store else end + ends - begins
        return self.by_day(end) if level == "L3" else end

    @staticmethod
    def by_day(end: int) -> int:
        day, minute = divmod(end, DAY)
        if minute > 21 * 60:
            return (day + 1) * DAY + 570
        return day * DAY + 570 if minute < 9 * 60 else end

    def working_days(self, start: int, count: int, pauses: list[tuple[int, int]]) -> int:
        day = self.nth_day(start, count)
        for begins, ends in pauses:
            if begins // DAY <= day:
                covered = sum(self.works[begins // DAY + 1 : ends // DAY + 1])
                day = self.nth_day(day * DAY, covered)
        return day * DAY + OFFICE_ENDS

    def deadlines(self, level: str, start: int, pauses: list[tuple[int, int]]) -> list[int]:
        response, proposal, closing = LIMITS[level]
        last = self.working_days(start, 7, pauses) if closing is None else self.limit(level, closing, start, pauses)
        return [self.limit(level, response, start, pauses), self.limit(level, proposal, start, pauses), last]


def at(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


def random_case(chance: random.Random, oracle: Oracle):
    """A level, a start, and up to three pauses; every third start lies around a holiday or a make-up Saturday."""
    odd = [n for n, works in enumerate(oracle.works) if works != ((FIRST + timedelta(days=n)).weekday() < 5)]
    odd = [n for n in odd if 5 < n < len(oracle.works) - 120]
    day = (
        chance.choice(odd) - chance.randrange(4) if chance.random() < 0.4 else chance.randrange(len(oracle.works) - 120)
    )
    start, moment, pauses = day * DAY + chance.randrange(DAY), day * DAY, []
    moment = start
    for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
        begins = moment + chance.randrange(1, 2500)
        moment = begins + chance.choice([chance.randrange(1, 600), chance.randrange(1, 9 * DAY)])
        pauses.append((begins, moment))
    return chance.choice(list(LIMITS)), start, pauses


@pytest.fixture
def present(store_a):
    """What holds in a store of split shifts once the official lists are loaded."""
    for year in YEARS:
        worktime.load_official_holidays(year)
    OpeningHours.objects.bulk_create(
        OpeningHours(store=store_a, weekday=day, opens=time(*divmod(begins, 60)), closes=time(*divmod(ends, 60)))
        for day in range(5)
        for begins, ends in SHIFTS
    )
    return ledger.Present(store_a.pk)


def test_a_thousand_deadlines_are_those_of_the_papers(present):
    oracle, chance = Oracle(), random.Random(49)
    limits = {row.code: ledger.limits_of(row) for row in Level.objects.filter(store=None)}
    odd_days = 0
    for number in range(1000):
        level, start, pauses = random_case(chance, oracle)
        basis = Basis(limits[level], present.calendars)
        entries = [Entry(rules.START, at(start), basis)]
        for begins, ends in pauses:
            entries += [Entry(rules.PAUSE, at(begins), basis), Entry(rules.RESUME, at(ends), basis)]
        wanted = oracle.deadlines(level, start, pauses)
        assert list(rules.fold(entries)) == [at(one) for one in wanted], (number, level, at(start), pauses)
        spans = range(start // DAY, max(wanted) // DAY + 1)
        odd_days += any(oracle.works[n] != ((FIRST + timedelta(days=n)).weekday() < 5) for n in spans)
    assert odd_days > 400, "the cases hardly meet a holiday"


def test_a_question_and_the_legal_date_are_those_of_the_papers(present):
    oracle, chance = Oracle(), random.Random(7)
    for _ in range(300):
        start = chance.randrange((len(oracle.works) - 60) * DAY)
        due = clock.deadlines(None, at(start), present.calendars).closing
        assert due == at(oracle.nth_day(start, 1) * DAY + SHIFTS[-1][1])
        legal = clock.legal_date(at(start).date(), present.calendars.legal)
        assert legal == FIRST + timedelta(days=oracle.nth_day(start, 7))


def test_opened_again_counts_from_then_on_and_keeps_the_response(present):
    oracle, chance = Oracle(), random.Random(11)
    limits = {row.code: ledger.limits_of(row) for row in Level.objects.filter(store=None)}
    for _ in range(200):
        level, start, _pauses = random_case(chance, oracle)
        again = start + chance.randrange(20 * DAY)
        basis = Basis(limits[level], present.calendars)
        kinds = ((rules.START, start), (rules.STOP, again), (rules.REOPEN, again))
        found = rules.fold([Entry(kind, at(minute), basis) for kind, minute in kinds])
        wanted = [oracle.deadlines(level, start, [])[0], *oracle.deadlines(level, again, [])[1:]]
        assert list(found) == [at(one) for one in wanted]

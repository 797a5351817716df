"""The ledger of a clock: its fold against a reckoning kept beside it, and what no change of rules may move."""

import os
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import actions, ledger
from complaints.actions import ticket as tickets
from complaints.models import CalendarVersion, ClockEntry, Level
from complaints.rules import clock
from complaints.rules import ledger as rules
from complaints.rules.clock import Calendars, Deadlines, Limits, Pause
from complaints.rules.ledger import Basis, Entry
from crm_site.worktime.models import CalendarDay
from crm_site.worktime.rules import LEGAL_WEEK, SHANGHAI, LegalCalendar, Segment, WorkCalendar
from tests.complaints.story import day, moment, open_ticket

#: LEDGERS=10000 runs as many histories as the acceptance asks for; the suite runs fewer
HISTORIES = int(os.environ.get("LEDGERS") or 1500)

DAY_HOURS = (Segment(time(8, 30), time(18)),)
SPLIT = (Segment(time(9), time(12)), Segment(time(13), time(19, 30)))


def calendars(week: dict, closed: set[int]) -> Calendars:
    days = {date(2026, 9, 1) + timedelta(days=offset): () for offset in closed}
    return Calendars(WorkCalendar(week, days), LegalCalendar(LEGAL_WEEK, days))


CALENDARS = [
    calendars(dict.fromkeys(range(7), DAY_HOURS), set()),
    calendars(dict.fromkeys(range(6), DAY_HOURS), {29, 30, 31, 32}),
    calendars(dict.fromkeys(range(5), SPLIT), {10, 14, 15, 30, 31, 32, 33, 34, 35, 36}),
]
LIMITS = {
    "L1": Limits("L1", clock.STORE_HOURS, 1440, 2880, 4320),
    "L2": Limits("L2", clock.STORE_HOURS, 120, 1440, 4320),
    "L3": Limits("L3", clock.DAYTIME, 60, 1440, 4320),
    "L4": Limits("L4", clock.NATURAL, 30, 1440, None, 7),
}
START = datetime(2026, 9, 1, 6, tzinfo=SHANGHAI)


class Bookkeeper:
    """Keeps the three deadlines of one ticket as things happen; knows no ledger."""

    def __init__(self, at: datetime, limits: Limits | None, days: Calendars) -> None:
        self.received = self.begun = at
        self.limits, self.days = limits, days
        self.stood: list[Pause] = []
        self.paused: datetime | None = None
        #: the response once the ticket was opened again: limits, calendars and pauses that it keeps
        self.given: tuple | None = None

    def now(self) -> Deadlines:
        again = clock.deadlines(self.limits, self.begun, self.days, self.stood)
        if self.given is None:
            return again
        return again._replace(response=clock.deadlines(self.given[0], self.received, *self.given[1:]).response)

    def end_pause(self, at: datetime) -> None:
        if self.paused is not None:
            self.stood.append(Pause(self.paused, at))
            self.paused = None

    def reopen(self, at: datetime, limits: Limits | None, days: Calendars) -> None:
        self.end_pause(at)
        self.given = self.given or (self.limits, self.days, list(self.stood))
        self.begun, self.limits, self.days, self.stood = at, limits, days, []

    def receive(self, at: datetime) -> None:
        if self.given is None:
            self.begun = at
        self.received = at


@st.composite
def histories(draw):
    """Events of one ticket in order: (kind, at, level, which calendar), the first one its receipt."""
    at = START + timedelta(minutes=draw(st.integers(0, 40 * 1440)))
    level = draw(st.sampled_from(["", "L1", "L2", "L3", "L4"]))
    events = [(rules.START, at, level, draw(st.integers(0, 2)))]
    paused = stopped = False
    for _ in range(draw(st.integers(0, 8))):
        at += timedelta(minutes=draw(st.integers(0, 3000)))
        possible = [rules.REOPEN] if stopped else [rules.RECEIVED, rules.RECOUNT, rules.STOP, rules.LEVEL]
        possible += [] if stopped else [rules.RESUME if paused else rules.PAUSE]
        kind = draw(st.sampled_from(possible))
        if kind == rules.LEVEL and level:
            level = draw(st.sampled_from(["L1", "L2", "L3", "L4"]))
        moment_ = events[0][1] - timedelta(minutes=draw(st.integers(0, 600))) if kind == rules.RECEIVED else at
        events.append((kind, moment_, level, draw(st.integers(0, 2))))
        paused = {rules.PAUSE: True, rules.RESUME: False, rules.STOP: False}.get(kind, paused)
        stopped = {rules.STOP: True, rules.REOPEN: False}.get(kind, stopped)
    return events


def written(events) -> list[Entry]:
    """The events as a ledger writes them: what an entry does not take of the day it inherits."""
    entries: list[Entry] = []
    for kind, at, level, which in events:
        limits = LIMITS.get(level) if kind in rules.TAKES_LIMITS else entries[-1].basis.limits
        days = CALENDARS[which] if kind in rules.TAKES_CALENDAR else entries[-1].basis.calendars
        entries.append(Entry(kind, at, Basis(limits, days)))
    return entries


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_the_fold_of_every_history_is_what_was_kept_beside_it(events):
    entries = written(events)
    _kind, at, level, which = events[0]
    book = Bookkeeper(at, LIMITS.get(level), CALENDARS[which])
    for number, (kind, at, level, which) in enumerate(events, 1):
        if kind in {rules.RESUME, rules.STOP}:
            book.end_pause(at)
        elif kind == rules.PAUSE:
            book.paused = at
        elif kind == rules.LEVEL:
            book.limits = LIMITS.get(level)
        elif kind == rules.RECEIVED:
            book.receive(at)
        elif kind == rules.RECOUNT:
            book.limits, book.days = LIMITS.get(level), CALENDARS[which]
        elif kind == rules.REOPEN:
            book.reopen(at, LIMITS.get(level), CALENDARS[which])
        assert rules.fold(entries[:number]) == book.now(), (number, kind)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_a_ledger_read_back_from_what_is_kept_folds_to_the_same(events):
    entries = written(events)
    kept = [
        Entry(kind, at, Basis(Limits.read(basis.limits.stored() if basis.limits else {}), again(basis.calendars)))
        for kind, at, basis in entries
    ]
    assert rules.fold(kept) == rules.fold(entries)
    for promise in clock.PROMISES:
        run = rules.read(entries)
        way = run.count(promise).way(promise)
        assert getattr(run.due, promise) == (way[-1].moment if way else None)


def again(days: Calendars) -> Calendars:
    return rules.calendars(rules.content(days))


@pytest.mark.parametrize("days", CALENDARS)
def test_kept_calendars_have_one_name_and_come_back_as_they_were(days):
    assert again(days) == days
    assert rules.digest(rules.content(days)) == rules.digest(rules.content(again(days)))
    other = Calendars(replace(days.store, exceptions={**days.store.exceptions, date(2027, 1, 1): ()}), days.legal)
    assert rules.digest(rules.content(other)) != rules.digest(rules.content(days))


def test_a_ledger_begins_with_its_start():
    with pytest.raises(ValueError, match="start"):
        rules.fold([])
    with pytest.raises(ValueError, match="start"):
        rules.fold([Entry(rules.PAUSE, START, Basis(LIMITS["L2"], CALENDARS[0]))])


# --- in the tables ---


def stored(ticket) -> tuple:
    ticket.refresh_from_db()
    return (ticket.response_due_at, ticket.proposal_due_at, ticket.closing_due_at)


def change_rules(store, offset: int = 1) -> None:
    """Close a day of the store, and shorten all limits of the company."""
    CalendarDay.objects.create(store=store, day=day(offset), kind="closed", covers="both", name_zh="停电")
    Level.objects.filter(closing_minutes__isnull=False).update(
        response_minutes=10, proposal_minutes=60, closing_minutes=120
    )


def test_tickets_of_one_calendar_share_one_row_of_it(story):
    one, other = open_ticket(story.specialist), open_ticket(story.specialist, level_code="L4")
    assert CalendarVersion.objects.count() == 1
    assert {entry.calendar_id for ticket in (one, other) for entry in ticket.clock.all()} == {
        CalendarVersion.objects.get().pk
    }
    change_rules(story.manager.store)
    third = open_ticket(story.specialist)
    assert CalendarVersion.objects.count() == 2
    assert third.clock.get().calendar_id != one.clock.get().calendar_id


@pytest.mark.parametrize("level", ["L1", "L2", "L3", "L4"])
def test_a_changed_calendar_or_limit_moves_no_ticket_by_itself(story, level):
    ticket = open_ticket(story.specialist, level_code=level)
    before = stored(ticket)
    change_rules(story.manager.store)
    assert ledger.fold(ticket) == before
    actions.accept(ticket.pk, handler=story.head.employee, by=story.manager.employee, now=moment(0.2))
    given = {"waiting_for": "customer", "reason": "出差", "until": day(3)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(0.4))
    actions.resume(ticket.pk, by=story.head.employee, now=moment(0.4))
    assert stored(ticket) == before == ledger.fold(ticket)


def test_another_level_takes_todays_limits_and_keeps_the_calendar(story):
    ticket = open_ticket(story.specialist)
    change_rules(story.manager.store)
    actions.change_level(ticket.pk, level_code="L1", reason="核实后", by=story.manager.employee, now=moment(1))
    last = ticket.clock.latest("sequence")
    assert (last.limits["response_minutes"], last.calendar_id) == (10, ticket.clock.earliest("sequence").calendar_id)
    assert stored(ticket) == ledger.fold(ticket)


def test_a_corrected_receipt_brings_no_new_rules_with_it(story):
    ticket = open_ticket(story.specialist)
    before = stored(ticket)
    change_rules(story.manager.store)
    change = tickets.Change(story.manager.employee, moment(1))
    ticket.received_at = moment(-1)
    fields = tickets.turn_clock(ticket, ClockEntry.Kind.RECEIVED, change, at=moment(-1))
    ticket.save(update_fields=[*fields, "received_at"])
    assert stored(ticket) == (before[0] - timedelta(hours=1), *before[1:]) == ledger.fold(ticket)
    assert ticket.clock.latest("sequence").noted_at == moment(1)


def test_opened_again_it_counts_by_today_and_leaves_the_response_alone(story):
    ticket = story.ticket("closed")
    response = stored(ticket)[0]
    change_rules(story.manager.store, 2)
    actions.reopen(ticket.pk, reason="抽检", by=story.manager.employee, now=moment(25))
    found = stored(ticket)
    assert found == ledger.fold(ticket)
    assert found[0] == response
    assert found[1] == moment(26)


def test_a_question_keeps_that_it_has_no_limits(story):
    ticket = open_ticket(story.specialist, kind="question")
    assert ticket.clock.get().limits == {}
    assert stored(ticket) == ledger.fold(ticket) == (None, None, moment(30))


def test_entries_older_than_this_knowledge_count_by_todays_rules(story):
    ticket = open_ticket(story.specialist)
    ticket.clock.update(limits=None, calendar=None)
    assert ledger.fold(ticket) == stored(ticket)
    actions.accept(ticket.pk, handler=story.head.employee, by=story.manager.employee, now=moment(0.2))
    given = {"waiting_for": "customer", "reason": "出差", "until": day(3)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(0.4))
    last = ticket.clock.latest("sequence")
    assert (last.limits["response_minutes"], last.calendar_id is not None) == (120, True)


def test_a_pause_that_a_stop_ends_counts_up_to_it(story):
    ticket, main = story.ticket("accepted"), open_ticket(story.specialist)
    given = {"waiting_for": "customer", "reason": "出差", "until": day(5)}
    actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(1))
    actions.merge(ticket.pk, into=main, by=story.manager.employee, now=moment(3))
    assert stored(ticket)[0] == ledger.fold(ticket).response == moment(4)


def test_a_change_of_the_clock_costs_the_same_however_long_its_ledger(story, django_assert_max_num_queries):
    ticket = story.ticket("accepted")
    given = {"waiting_for": "customer", "reason": "出差", "until": day(9)}
    for number in range(6):
        actions.pause(ticket.pk, **given, by=story.head.employee, now=moment(1 + number))
        actions.resume(ticket.pk, by=story.head.employee, now=moment(1.5 + number))
    change = tickets.Change(story.head.employee, moment(9))
    with django_assert_max_num_queries(5):
        tickets.turn_clock(ticket, ClockEntry.Kind.PAUSE, change, until=day(9))


@settings(max_examples=int(os.environ.get("TICKETS") or 40), deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_what_is_stored_is_the_fold_of_the_rows(story_of_hypothesis, events):
    ticket = story_of_hypothesis(events[0])
    for number, (kind, at, level, which) in enumerate(events[1:], 2):
        put_calendar(ticket.store, which)
        change = tickets.Change(None, events[0][1] + timedelta(days=number))
        if level:
            ticket.level = tickets.level_of(ticket.store_id, level)
        tickets.turn_clock(ticket, kind, change, at=at)
        ticket.save(update_fields=[*tickets.DUE_FIELDS, "level"])
        assert stored(ticket) == ledger.fold(ticket)


def put_calendar(store, which: int) -> None:
    """Let another calendar hold in the store: no exceptions, or one of two sets of closed days."""
    CalendarDay.objects.filter(store=store).delete()
    closed = [date(2026, 9, 1) + timedelta(days=offset) for offset in ((), (3, 9, 10, 30), (5, 6, 20, 21, 22))[which]]
    CalendarDay.objects.bulk_create(CalendarDay(store=store, day=one, kind="closed", covers="both") for one in closed)


@pytest.fixture
def story_of_hypothesis(story):
    """Opens a ticket for the first event of a history."""

    def begin(event):
        _kind, at, level, which = event
        put_calendar(story.manager.store, which)
        kind = "complaint" if level else "question"
        return open_ticket(story.specialist, kind=kind, level_code=level, received_at=at, now=at)

    return begin

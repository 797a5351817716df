"""What saving will do, said before the click: each result's consequence for this very task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from crm_site.core import clock, formats
from crm_site.worktime import calendars
from crm_site.worktime.rules import DeskCalendar
from revisits.models import CallAttempt, CallResult, NextStep, Revisit
from revisits.rules.codes import State
from revisits.rules.outcomes import Outcome, Situation, outcome

#: a machine answers: what we have to say goes by text message (domain 4.4)
UNHEARD = frozenset({"VOICEMAIL"})


class Consequence(NamedTuple):
    """What becomes of the task, in words; and whether it goes on, so that unfinished answers wait for the resume."""

    text: str
    goes_on: bool
    #: whether a text message is offered to be copied: nobody hears us on the telephone
    offers_text: bool


def consequences(
    task: Revisit,
    results: Sequence[CallResult],
    attempts: Sequence[CallAttempt],
    *,
    more_numbers: bool,
    now: datetime,
) -> dict[str, Consequence]:
    """{result code: what becomes of the task} after its `attempts` so far, by the same table that saving uses."""
    calendar = calendars.desk_calendar(task.store_id, first=clock.business_day(now))  # what comes is ahead
    earlier = [(attempt.result.code, attempt.started_at) for attempt in attempts]
    repeats = Counter(code for code, _began in earlier)
    found = {}
    for result in results:
        situation = Situation(
            tries_made=task.tries_made,
            max_tries=task.rule_version.tries,
            now=now,
            repeats=repeats[result.code],
            more_numbers=more_numbers,
            first_attempt_on=task.first_attempt_on,
            earlier=tuple(began for _code, began in earlier),
        )
        done = outcome(result, situation, calendar)
        words = sentence(result, done, task.rule_version.tries, now)
        unheard = result.code in UNHEARD or (done.check_phone and not done.number_is_bad)
        found[result.code] = Consequence(words, not done.ends, unheard)
    return found


def sentence(result: CallResult, done: Outcome, tries: int, now: datetime) -> str:
    """One result's consequence in words."""
    if result.next_step == NextStep.AT_AGREED_TIME:
        return _("Comes back to you at the agreed time; uses up no try.")
    if done.next_number:
        return _next_number(done, now)
    if done.number_is_bad:
        return _("Marks the number as bad; the task waits for a new number.")
    if done.ends:
        return _ending(result, done)
    again = formats.when(done.not_before, clock.business_day(now))
    words = {"made": done.tries_made, "tries": tries, "again": again}
    return _("Try %(made)s of %(tries)s; comes back %(again)s.") % words


def _next_number(done: Outcome, now: datetime) -> str:
    if done.not_before:
        again = {"again": formats.when(done.not_before, clock.business_day(now))}
        if done.number_is_bad:
            return _("Marks the number as bad; the next number is dialled %(again)s.") % again
        return _("The next number is dialled %(again)s.") % again
    if done.number_is_bad:
        return _("Marks the number as bad; the next number is put first.")
    return _("Stays yours to dial: the next number is put first.")


def _ending(result: CallResult, done: Outcome) -> str:
    if done.state == State.DONE:
        return _("The task is done.")
    if result.next_step == NextStep.FINISH_SOLD:
        return _("The task ends; the car is marked as sold on.")
    if result.next_step == NextStep.FINISH_REFUSED:
        return _("The task ends as refused.")
    return _("The tries are used up: the task fails, and reception checks the number at the next visit.")


class Example(NamedTuple):
    """What follows from a result in one situation."""

    title: str
    text: str


class Examples:
    """What follows from any result on the first and on the last of three tries; for calls at `now`."""

    tries = 3

    def __init__(self, now: datetime, calendar: DeskCalendar) -> None:
        self.now = now
        self.calendar = calendar
        before = now - timedelta(days=1)
        self.first = Situation(0, self.tries, now)
        self.last = Situation(
            self.tries - 1, self.tries, now, repeats=self.tries - 1, first_attempt_on=clock.business_day(before),
            earlier=(before,),
        )  # fmt: skip

    def of(self, result: CallResult) -> list[Example]:
        """The sentences for the first and the last try; for a result that asks for another number, with and without."""
        titles = _("First try"), _("Last try")
        first, last = self.first, self.last
        if result.next_step in {NextStep.NEXT_NUMBER, NextStep.ASK_CONTACT}:
            titles = _("With another number"), _("Last try, no other number")
            first = replace(first, more_numbers=True)
        return [Example(title, self._text(result, at)) for title, at in zip(titles, (first, last), strict=True)]

    def _text(self, result: CallResult, at: Situation) -> str:
        return sentence(result, outcome(result, at, self.calendar), self.tries, self.now)

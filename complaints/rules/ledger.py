"""The ledger of a ticket's clock, read into its deadlines: it carries the limits and calendars that it counted by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, NamedTuple

from complaints.rules.clock import Calendars, Deadlines, Leg, Limits, Pause, deadlines, since, way
from crm_site.worktime.rules import LEGAL_WEEK, LegalCalendar, Segment, Segments, Week, WorkCalendar

START, LEVEL, PAUSE, RESUME, REOPEN, STOP = "start", "level", "pause", "resume", "reopen", "stop"
RECEIVED, RECOUNT = "received", "recount"
#: kinds of entry that take the limits, and the calendar, of the day on which they are written; others inherit them
TAKES_LIMITS = frozenset({START, LEVEL, REOPEN, RECOUNT})
TAKES_CALENDAR = frozenset({START, REOPEN, RECOUNT})


class Basis(NamedTuple):
    """What a clock counts by: the limits of its level (None: a question) and the calendars."""

    limits: Limits | None
    calendars: Calendars


class Entry(NamedTuple):
    """One row of a ledger as the arithmetic reads it."""

    kind: str
    at: datetime
    basis: Basis


@dataclass(frozen=True)
class Count:
    """From when, by what, and with which pauses a promise is counted."""

    start: datetime
    basis: Basis
    pauses: tuple[Pause, ...] = ()

    def way(self, promise: str) -> list[Leg]:
        """How the deadline of a promise comes about; see clock.way."""
        return way(promise, self.basis.limits, self.start, self.basis.calendars, self.pauses)

    def deadlines(self) -> Deadlines:
        """The deadlines that this count leads to."""
        return deadlines(self.basis.limits, self.start, self.basis.calendars, self.pauses)


@dataclass(frozen=True)
class Run:
    """What a ledger says: how the response is counted, how the other two promises are, and whether the clock stands.

    The response belongs to the first round: it was given, or missed, before a ticket can be opened again, and what
    holds since then does not move it.
    """

    first: Count
    present: Count
    paused_since: datetime | None = None
    stopped_at: datetime | None = None

    def count(self, promise: str) -> Count:
        """How a promise is counted."""
        return self.first if promise == "response" else self.present

    @property
    def due(self) -> Deadlines:
        """The three deadlines."""
        if self.first == self.present:
            return self.first.deadlines()
        again = self.present.deadlines()
        return Deadlines(self.first.deadlines().response, again.proposal, again.closing)


def fold(ledger: Iterable[Entry]) -> Deadlines:
    """The deadlines that follow from a ledger, oldest entry first; from nothing else."""
    return read(ledger).due


def read(ledger: Iterable[Entry]) -> Run:
    """Read a ledger, oldest entry first, into the run that the deadlines follow from."""
    rounds: list[Count] = []
    paused = stopped = None
    for kind, at, basis in ledger:
        if not rounds and kind != START:
            raise ValueError("a ledger begins with its start")
        if paused is not None and kind in {RESUME, STOP, REOPEN}:
            rounds[-1] = replace(rounds[-1], pauses=(*rounds[-1].pauses, Pause(paused, at)))
            paused = None
        if kind in {START, REOPEN}:
            rounds.append(Count(at, basis))
            stopped = None
            continue
        rounds[-1] = replace(rounds[-1], basis=basis)
        if kind == RECEIVED:
            rounds[0] = replace(rounds[0], start=at)
        elif kind == PAUSE:
            paused = at
        elif kind == STOP:
            stopped = at
    if not rounds:
        raise ValueError("a ledger begins with its start")
    first, present = (_clipped(one) for one in (rounds[0], rounds[-1]))
    return Run(first, present, paused, stopped)


def resumed(ledger: Iterable[Entry], now: datetime) -> Run:
    """The run as it would be if a clock that stands ran on from now; a running one as it is."""
    entries = list(ledger)
    run = read(entries)
    return read([*entries, Entry(RESUME, now, entries[-1].basis)]) if run.paused_since is not None else run


def content(calendars: Calendars) -> dict[str, Any]:
    """Calendars as a ledger keeps them: plain values, the same for the same calendars."""
    return {
        "week": {str(day): _texts(segments) for day, segments in sorted(calendars.store.week.items())},
        "days": _days(calendars.store.exceptions),
        "legal": _days(calendars.legal.exceptions),
    }


def digest(stored: Mapping[str, Any]) -> str:
    """The name of kept calendars: the SHA-256 of their content."""
    text = json.dumps(stored, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def calendars(stored: Mapping[str, Any]) -> Calendars:
    """Kept calendars as the arithmetic counts by them."""
    week: Week = {int(day): _segments(texts) for day, texts in stored["week"].items()}
    legal = LegalCalendar(LEGAL_WEEK, _read_days(stored["legal"]))
    return Calendars(WorkCalendar(week, _read_days(stored["days"])), legal)


def _clipped(count: Count) -> Count:
    return replace(count, pauses=tuple(since(count.start, count.pauses)))


def _days(days: Mapping[date, Segments]) -> dict[str, list[list[str]]]:
    return {day.isoformat(): _texts(segments) for day, segments in sorted(days.items())}


def _read_days(days: Mapping[str, list[list[str]]]) -> dict[date, Segments]:
    return {date.fromisoformat(day): _segments(texts) for day, texts in days.items()}


def _texts(segments: Segments) -> list[list[str]]:
    return [[_text(moment) for moment in segment] for segment in segments]


def _text(moment: time) -> str:
    return moment.isoformat("minutes" if not (moment.second or moment.microsecond) else "auto")


def _segments(texts: list[list[str]]) -> Segments:
    return tuple(Segment(time.fromisoformat(begins), time.fromisoformat(ends)) for begins, ends in texts)

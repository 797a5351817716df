"""The deadline drawn from its ledger: blocks and marks in per cent of a line, and a sum to check by eye."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from complaints.rules import clock
from complaints.rules.clock import Pause
from crm_site.core.clock import at, local
from crm_site.worktime.rules import SHANGHAI, WorkCalendar

#: a line longer than this shows its beginning only as far as it must
LONGEST = timedelta(days=21)
DAY = timedelta(days=1)
#: room in per cent that a long and half a short word need on the narrowest screen, and where a word hangs to the right
WIDE, NEAR, LEFT = 38.0, 9.0, 35.0


@dataclass(frozen=True)
class Line:
    """What is drawn: from `start` to the later of now and due, in a level's own hours."""

    start: datetime
    now: datetime
    due: datetime
    kind: str
    store: WorkCalendar
    pauses: tuple[Pause, ...] = ()

    @property
    def end(self) -> datetime:
        """Where the line ends: never so far that nothing can be seen on it."""
        return min(max(self.now, self.due), max(self.due, self.start + LONGEST)) + timedelta(minutes=1)

    def place(self, moment: datetime) -> float:
        """Where a moment lies, in per cent, inside the line."""
        share = (moment - self.start) / (self.end - self.start)
        return round(min(max(share, 0), 1) * 98 + 1, 2)

    @property
    def used(self) -> timedelta:
        """What has counted so far."""
        return clock.used(self.start, min(self.now, max(self.due, self.start)), self.kind, self.store, self.pauses)

    @property
    def paused(self) -> timedelta:
        """How long the clock stood, in the same hours."""
        stood = (clock.used(p.start, min(p.end, self.now), self.kind, self.store) for p in self.pauses)
        return sum(stood, timedelta(0))

    @property
    def left(self) -> timedelta:
        """What is left until the end; nothing once it has passed."""
        return clock.used(self.now, self.due, self.kind, self.store) if self.now < self.due else timedelta(0)


def blocks(line: Line) -> list[dict[str, Any]]:
    """The stretches of the line: counted, paused, remaining, closed."""
    drawn = []
    for begins, ends, kind in _pieces(line):
        x = line.place(begins)
        width = round(line.place(ends) - x, 2)
        if width > 0:
            drawn.append({"x": x, "width": width, "kind": kind})
    return drawn


def stretches(line: Line) -> list[tuple[datetime, datetime, str]]:
    """The same stretches as moments, up to the deadline; neighbours of one kind are one."""
    found: list[tuple[datetime, datetime, str]] = []
    for begins, ends, kind in _pieces(line):
        if begins >= line.due:
            break
        joins = bool(found) and found[-1][1:] == (begins, kind)
        found.append((found.pop()[0] if joins else begins, min(ends, line.due), kind))
    return found


def _pieces(line: Line) -> Iterator[tuple[datetime, datetime, str]]:
    for begins, ends, is_open in _stretches(line):
        for first, last in _cut(begins, ends, [line.now, line.due, *(m for p in line.pauses for m in p)]):
            yield first, last, _kind(line, first, is_open=is_open)


def marks(line: Line, words: dict[str, str]) -> list[dict[str, Any]]:
    """Start, now and end with their words, and the days between; a word without room is left out, its line stays."""
    now, end = line.place(line.now), line.place(line.due)
    late = line.now > line.due
    start_fits = end > 2 * WIDE - NEAR or not late
    now_fits = end < 100 - WIDE / 2 - 5 if late else WIDE + NEAR < now < end - WIDE
    return [
        _mark(line.place(line.start), words["start"] if start_fits else "", "start"),
        _mark(end, words["end"], "end"),
        _mark(now, words["now"] if now_fits else "", "now", side="end" if late else "middle"),
        *_days(line),
    ]


def _mark(x: float, word: str, kind: str, side: str = "") -> dict[str, Any]:
    return {"x": x, "word": word, "kind": kind, "side": side or ("end" if x > LEFT else "start")}


def _days(line: Line) -> list[dict[str, Any]]:
    first, last = local(line.start).date() + DAY, local(line.end).date()
    days = [first + DAY * offset for offset in range((last - first).days + 1)]
    step = -(-len(days) // 4) or 1
    shown = [day for day in days[::step] if 8 < line.place(at(day)) < 92]
    return [{"x": line.place(at(day)), "word": f"{day:%m-%d}", "kind": "day", "side": "middle"} for day in shown]


def _stretches(line: Line) -> Iterator[tuple[datetime, datetime, bool]]:
    """Open and closed stretches of the line, in order."""
    if line.kind != clock.STORE_HOURS:
        yield line.start, line.end, True
        return
    position, day = line.start, local(line.start).date()
    while position < line.end:
        for begins, ends in line.store.segments(day):
            opens, closes = max(_at(day, begins), position), min(_at(day, ends), line.end)
            if closes <= opens:
                continue
            if opens > position:
                yield position, opens, False
            yield opens, closes, True
            position = closes
        day += DAY
        if position < line.end and _at(day, time.min) >= line.end:
            yield position, line.end, False
            return


def _cut(begins: datetime, ends: datetime, cuts: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    inside = sorted({begins, ends, *(cut for cut in cuts if begins < cut < ends)})
    return list(zip(inside, inside[1:], strict=False))


def _kind(line: Line, moment: datetime, *, is_open: bool) -> str:
    if not is_open or moment >= max(line.due, line.now):
        return "closed"
    if any(pause.start <= moment < pause.end for pause in line.pauses):
        return "paused"
    if moment >= line.due:
        return "closed"
    return "counted" if moment < line.now else "remaining"


def _at(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, tzinfo=SHANGHAI)

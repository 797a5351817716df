"""The deadlines of a ticket in words and as drawings, with the sum and the ledger that each came from."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from complaints import bar, ledger, reckoning, wording
from complaints.models import ClockEntry, Complaint
from complaints.rules import clock
from complaints.rules import ledger as rules
from crm_site.core import formats
from crm_site.core.clock import business_day, local
from crm_site.worktime.rules import WorkCalendar

MINUTE = timedelta(minutes=1)


class DeadlineView:
    """Builds what the page says about one ticket's deadlines at one moment."""

    def __init__(self, complaint: Complaint, now: datetime) -> None:
        self.complaint, self.now, self.today = complaint, now, business_day(now)
        self.rows = ledger.rows_of(complaint)

    @cached_property
    def run(self) -> rules.Run | None:
        """What the ledger says; while the clock stands, as if it ran on from now. None without a ledger."""
        if not self.rows:
            return None
        return rules.resumed(ledger.entries(self.rows, self.complaint), self.now)

    def due(self) -> dict[str, Any] | None:
        """The deadline that rules now, in words; while the clock stands, the one that would hold if it ran on now."""
        name, due = self.ruling()
        if due is None or not self.complaint.is_open:
            return None
        overdue = self.complaint.is_overdue(self.now)
        line = self.line(name)
        gap = line.left if line and not overdue else abs(self.now - due)
        return {
            "limit": wording.limit(name),
            "at": due,
            "overdue": overdue,
            "paused": self.complaint.paused_at is not None and not overdue,
            "gap": formats.duration(gap) if gap < timedelta(days=4) else _("%(days)s days") % {"days": gap.days},
        }

    def ruling(self) -> tuple[str, datetime | None]:
        """The promise that is next, and its moment: the stored one, moved on while the clock stands."""
        complaint = self.complaint
        name, due = ledger.ruling(complaint)
        if complaint.paused_at is None or self.run is None or name == "external":
            return name, due
        return clock.ruling(
            self.run.due, responded=complaint.responded_at is not None, proposed=complaint.proposed_at is not None
        )

    def line(self, name: str) -> bar.Line | None:
        """A promise as a line to draw; None where there is no such promise or no ledger."""
        due = self._moment(name)
        if due is None or self.run is None:
            return None
        count = self.run.count(name)
        stopped = self.run.stopped_at
        now = max(min(self.now, stopped) if stopped else self.now, count.start)
        now = count.start + (now - count.start) // MINUTE * MINUTE  # so that counted and left add up
        pauses = () if name == "external" else tuple(one for one in count.pauses if one.start < min(now, due))
        kind, calendar = self._hours(name, count)
        return bar.Line(count.start, now, max(due, count.start), kind, calendar, pauses)

    def promises(self) -> list[dict[str, Any]]:
        """Every promise with its drawing and its sum, the one that rules now first and open."""
        if self.run is None:
            return []
        ruling, _due = self.ruling()
        names = [name for name in (*clock.PROMISES, "external") if self._moment(name) is not None]
        return [self._promise(name, is_ruling=name == ruling) for name in sorted(names, key=lambda one: one != ruling)]

    def ledger(self) -> list[dict[str, Any]]:
        """The rows of the ledger, oldest first: what happened to the clock, by whom, why, and where it led."""
        return [self._row(row) for row in self.rows]

    def _promise(self, name: str, *, is_ruling: bool) -> dict[str, Any]:
        line, due = self.line(name), self._moment(name)
        assert line is not None
        assert due is not None
        kept = self._kept(name)
        words = {
            "start": _("%(when)s received") % {"when": _short(line.start)},
            "now": _("now %(when)s") % {"when": f"{local(self.now):%H:%M}"},
            "end": _("end %(when)s") % {"when": _short(line.due)},
        }
        if self.run and line.start != self.run.first.start:
            words["start"] = _("%(when)s restarted") % {"when": _short(line.start)}
        return {
            "name": name,
            "title": wording.limit(name),
            "is_ruling": is_ruling,
            "due": due,
            "when": formats.when(due, self.today),
            "kept": self._verdict(name, due, kept),
            "label": _("counted %(used)s, paused %(paused)s, left %(left)s")
            % {"used": _clock(line.used), "paused": _clock(line.paused), "left": _clock(line.left)},
            "blocks": bar.blocks(line),
            "marks": bar.marks(line, words),
            "legend": _legend(line),
            "sum": reckoning.lines(self._way(name), line, name),
            "stretches": reckoning.stretches(line),
        }

    def _way(self, name: str) -> list[clock.Leg]:
        if name == "external" or self.run is None:
            return []
        return self.run.count(name).way(name)

    def _moment(self, name: str) -> datetime | None:
        """The moment of a promise; that of a clock which stands moves on with every minute."""
        if name == "external":
            return self.complaint.external_due_at
        if self.complaint.paused_at is not None and self.run is not None:
            return getattr(self.run.due, name)
        return getattr(self.complaint, f"{name}_due_at")

    def _kept(self, name: str) -> datetime | None:
        complaint = self.complaint
        return {
            "response": complaint.responded_at,
            "proposal": complaint.proposed_at,
            "closing": complaint.closed_at,
            "external": complaint.external_replied_at,
        }[name]

    def _verdict(self, name: str, due: datetime, kept: datetime | None) -> bool | None:
        """Whether a promise was kept; None while it still can be."""
        if kept is not None:
            return kept <= due
        stands = name != "external" and clock.stands(due, self.complaint.paused_at)
        return False if due < self.now and not stands else None

    @staticmethod
    def _hours(name: str, count: rules.Count) -> tuple[str, WorkCalendar]:
        """In which hours a line is drawn: the level's own; working days by law as office hours on those days."""
        limits, calendars = count.basis
        if name == "external":
            return clock.NATURAL, calendars.store
        if limits is None:
            return clock.STORE_HOURS, calendars.store
        if name == "closing" and limits.closing_working_days:
            return clock.STORE_HOURS, calendars.legal
        return limits.clock, calendars.store

    def _row(self, row: ClockEntry) -> dict[str, Any]:
        who = row.by.name if row.by else _("The system")
        waiting, _colon, reason = row.reason.partition(": ")
        paused = row.kind == ClockEntry.Kind.PAUSE
        basis = reason if paused else row.reason
        said = _("%(who)s: %(note)s") % {"who": who, "note": basis} if basis else who
        ends = [
            f"{wording.limit(name)} {formats.when(end, self.today)}"
            for name in clock.PROMISES
            if (end := getattr(row, f"{name}_due_at")) is not None
        ]
        return {
            "at": formats.when(row.at, self.today),
            "noted": formats.when(row.noted_at, self.today) if row.noted_at and row.noted_at != row.at else "",
            "word": row.get_kind_display(),
            "status": {"word": str(wording.WAITING.get(waiting, row.get_kind_display())), "kind": "pause"}
            if paused
            else None,
            "basis": f"{row.level_code} · {said}" if row.level_code else said,
            "ends": ends,
        }


def _legend(line: bar.Line) -> list[dict[str, str]]:
    rows = [
        {"word": _("counted %(time)s") % {"time": _clock(line.used)}, "kind": "accent"},
        {"word": _("left %(time)s") % {"time": _clock(line.left)}, "kind": "accent2"},
    ]
    if line.pauses:
        rows.insert(1, {"word": _("paused %(time)s") % {"time": _clock(line.paused)}, "kind": "pause"})
    if line.kind == clock.STORE_HOURS:
        rows.append({"word": _("closed hours do not count"), "kind": "line"})
    return rows


def _short(moment: datetime) -> str:
    return f"{local(moment):%m-%d %H:%M}"


_clock = reckoning.hours

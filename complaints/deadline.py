"""The present deadline of a ticket in words and as a drawing, with the ledger that it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from complaints import bar, wording
from complaints.actions import ticket
from complaints.models import ClockEntry, Complaint
from complaints.rules import clock
from crm_site.core import formats
from crm_site.core.clock import business_day, local


class DeadlineView:
    """Builds what the page says about one ticket's deadline at one moment."""

    def __init__(self, complaint: Complaint, now: datetime) -> None:
        self.complaint, self.now, self.today = complaint, now, business_day(now)
        self.calendars = ticket.calendars_of(complaint.store_id)
        self.ledger = list(complaint.clock.order_by("sequence").select_related("by"))
        self.run = clock.replay(self.ledger) if self.ledger else None

    def due(self) -> dict[str, Any] | None:
        """The deadline that rules now, in words; while the clock stands, the one that would hold if it ran on now."""
        name, due = self.ruling()
        if due is None or not self.complaint.is_open:
            return None
        paused = self.complaint.paused_at is not None
        overdue = due < self.now and not paused
        line = self.line()
        gap = line.left if line and not overdue else abs(self.now - due)
        return {
            "limit": wording.limit(name),
            "at": due,
            "overdue": overdue,
            "paused": paused,
            "gap": formats.duration(gap) if gap < timedelta(days=4) else _("%(days)s days") % {"days": gap.days},
        }

    def ruling(self) -> tuple[str, datetime | None]:
        """The promise that is next, and its moment."""
        complaint = self.complaint
        due = clock.Deadlines(complaint.response_due_at, complaint.proposal_due_at, complaint.closing_due_at)
        if complaint.paused_at is not None and self.run is not None:
            waited = replace(self.run, pauses=(*self.run.pauses, clock.Pause(complaint.paused_at, self.now)))
            due = clock.of_run(waited, ticket.limits_of(complaint.level), self.calendars)
        responded, proposed = complaint.responded_at is not None, complaint.proposed_at is not None
        return clock.ruling(due, responded=responded, proposed=proposed, external=complaint.external_due_at)

    def line(self) -> bar.Line | None:
        """The present deadline as a line to draw; None where there is no deadline or no ledger."""
        name, due = self.ruling()
        if due is None or self.run is None:
            return None
        start = self.run.received_at if name == "response" else self.run.started_at
        now = min(self.now, self.run.stopped_at or self.now)
        pauses = [*self.run.pauses, *([clock.Pause(self.run.paused_since, now)] if self.run.paused_since else [])]
        here = tuple(pause for pause in pauses if pause.end > start)
        return bar.Line(start, max(now, start), max(due, start), self._kind(name), self.calendars.store, here)

    def _kind(self, name: str) -> str:
        """In which hours the line is drawn; seven working days are drawn in natural time."""
        level = self.complaint.level
        if level is None:
            return clock.STORE_HOURS
        return clock.NATURAL if name == "closing" and level.closing_working_days else level.clock

    def bar(self) -> dict[str, Any] | None:
        """The deadline bar with its ledger."""
        line = self.line()
        if line is None:
            return None
        name, due = self.ruling()
        words = {
            "start": _("%(when)s received") % {"when": _short(line.start)},
            "now": _("now %(when)s") % {"when": f"{local(self.now):%H:%M}"},
            "end": _("end %(when)s") % {"when": _short(line.due)},
        }
        return {
            "title": wording.limit(name),
            "due": due,
            "label": _("counted %(used)s, paused %(paused)s, left %(left)s")
            % {"used": _clock(line.used), "paused": _clock(line.paused), "left": _clock(line.left)},
            "blocks": bar.blocks(line),
            "marks": bar.marks(line, words),
            "legend": self._legend(line),
            "ledger": [self._ledger_row(entry, line) for entry in self.ledger],
            "note": self._limits_note(),
        }

    def _legend(self, line: bar.Line) -> list[dict[str, str]]:
        rows = [
            {"word": _("counted %(time)s") % {"time": _clock(line.used)}, "kind": "accent"},
            {"word": _("left %(time)s") % {"time": _clock(line.left)}, "kind": "accent2"},
        ]
        if line.pauses:
            rows.insert(1, {"word": _("paused %(time)s") % {"time": _clock(line.paused)}, "kind": "pause"})
        if line.kind == clock.STORE_HOURS:
            rows.append({"word": _("closed hours do not count"), "kind": "line"})
        return rows

    def _ledger_row(self, entry: ClockEntry, line: bar.Line) -> dict[str, Any]:
        """One entry of the ledger with what had been counted by then."""
        before = clock.used(line.start, max(entry.at, line.start), line.kind, line.store, line.pauses)
        who = entry.by.name if entry.by else _("The system")
        waiting, _colon, reason = entry.reason.partition(": ")
        paused = entry.kind == ClockEntry.Kind.PAUSE
        basis = reason if paused else entry.reason
        said = _("%(who)s: %(note)s") % {"who": who, "note": basis} if basis else who
        end = getattr(entry, f"{self.ruling()[0]}_due_at", None)
        if end is not None and entry.kind not in {ClockEntry.Kind.STOP, ClockEntry.Kind.PAUSE}:
            moment = _("ends %(moment)s") % {"moment": formats.when(end, self.today)}
            said = f"{said} → {moment}"
        row = {
            "at": formats.when(entry.at, self.today),
            "word": entry.get_kind_display(),
            "basis": f"{entry.level_code} · {said}" if entry.level_code else said,
            "counted": "",
            "total": _clock(before),
        }
        if paused:
            row["status"] = {"word": str(wording.WAITING.get(waiting, entry.get_kind_display())), "kind": "pause"}
        return row

    def _limits_note(self) -> str:
        """The other promises, kept or not."""
        complaint = self.complaint
        promises = [
            ("response", complaint.response_due_at, complaint.responded_at),
            ("proposal", complaint.proposal_due_at, complaint.proposed_at),
            ("closing", complaint.closing_due_at, complaint.closed_at),
        ]
        return _("; ").join(self._promise(*promise) for promise in promises if promise[1] is not None)

    def _promise(self, name: str, due: datetime, kept: datetime | None) -> str:
        text = f"{wording.limit(name)} {formats.when(due, self.today)}"
        if kept is None:
            return text
        return text + (_(" (kept)") if kept <= due else _(" (missed)"))


def _short(moment: datetime) -> str:
    return f"{local(moment):%m-%d %H:%M}"


def _clock(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02}"

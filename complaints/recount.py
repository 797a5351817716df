"""Which open tickets would get other deadlines by today's calendar and limits: they never move by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from complaints import ledger
from complaints.models import CalendarVersion, ClockEntry, Complaint
from complaints.rules import ledger as rules
from complaints.rules.clock import PROMISES, Deadlines

CALENDAR, LIMITS = "calendar", "limits"


@dataclass(frozen=True)
class Move:
    """A ticket whose deadlines would move: what they are, what they would be, and what has changed since it counted."""

    complaint: Complaint
    before: Deadlines
    after: Deadlines
    because: tuple[str, ...]

    @property
    def changes(self) -> list[tuple[str, datetime | None, datetime | None]]:
        """(promise, from, to) for each that would move."""
        pairs = zip(PROMISES, self.before, self.after, strict=True)
        return [(name, before, after) for name, before, after in pairs if before != after]


def moves(store_id: int, now: datetime, complaints: Iterable[Complaint] | None = None) -> list[Move]:
    """The open tickets of a store (or some of them) whose deadlines today's calendar and limits would move.

    A fixed number of queries for any number of tickets; those that are closed are never asked about.
    """
    present = ledger.Present(store_id)
    if complaints is None:
        complaints = Complaint.objects.filter(store_id=store_id).live().open().select_related("level", "handler")
    tickets = {one.pk: one for one in complaints}
    rows: dict[int, list[ClockEntry]] = {pk: [] for pk in tickets}
    for row in ClockEntry.objects.filter(complaint_id__in=list(tickets)).order_by("complaint_id", "sequence"):
        rows[row.complaint_id].append(row)
    version = CalendarVersion.objects.filter(store_id=store_id, sha256=present.sha256).first()
    outdated = {pk: _changed(tickets[pk], found, present, version) for pk, found in rows.items() if found}
    asked = {pk: because for pk, because in outdated.items() if because}
    kept = ledger.Kept(row for pk in asked for row in rows[pk])
    found = (_move(tickets[pk], rows[pk], because, (present, kept, now)) for pk, because in asked.items())
    return sorted(
        (one for one in found if one is not None), key=lambda one: (one.complaint.due_at or now, one.complaint.pk)
    )


def mark(store_id: int) -> str:
    """Names the calendar and limits of a store as they stand, so that a page notices that they changed again."""
    present = ledger.Present(store_id)
    limits = [(code, ledger.limits_of(row)) for code, row in sorted(present.levels.items())]
    return hashlib.sha256(repr((present.sha256, limits, present.web_limits)).encode()).hexdigest()


def _changed(
    complaint: Complaint, rows: list[ClockEntry], present: ledger.Present, version: CalendarVersion | None
) -> tuple[str, ...]:
    """What differs from what the ticket's clock counts by; an entry older than that knowledge counts by today's."""
    last, limits = rows[-1], present.limits(complaint)
    calendar = last.calendar_id is not None and (version is None or last.calendar_id != version.pk)
    other = last.limits is not None and last.limits != (limits.stored() if limits else {})
    return tuple(name for name, differs in ((CALENDAR, calendar), (LIMITS, other)) if differs)


def _move(
    complaint: Complaint,
    rows: list[ClockEntry],
    because: tuple[str, ...],
    world: tuple[ledger.Present, ledger.Kept, datetime],
) -> Move | None:
    present, kept, now = world
    entries = ledger.entries(rows, complaint, present, kept)
    again = rules.Entry(rules.RECOUNT, now, present.basis(complaint))
    before = Deadlines(complaint.response_due_at, complaint.proposal_due_at, complaint.closing_due_at)
    after = rules.fold([*entries, again])
    return Move(complaint, before, after, because) if before != after else None

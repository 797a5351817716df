"""The ledgers of tickets read from the tables, each entry with the limits and calendars that it counted by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from complaints import settings
from complaints.models import CalendarVersion, ClockEntry, Complaint, Level, Source
from complaints.rules import clock
from complaints.rules import ledger as rules
from complaints.rules.ledger import Basis, Entry, Run
from crm_site.worktime import calendars


def calendars_of(store_id: int) -> clock.Calendars:
    """The calendars in which the limits of a store's tickets count today."""
    return clock.Calendars(calendars.store_calendar(store_id), calendars.legal_calendar())


def limits_of(level: Level | None) -> clock.Limits | None:
    """A level's row as the rules reckon with it."""
    if level is None:
        return None
    return clock.Limits(
        level.code,
        level.clock,
        level.response_minutes,
        level.proposal_minutes,
        level.closing_minutes,
        level.closing_working_days,
    )


class Present:
    """What clocks of one store would count by if they began now; each thing is read once, and only when asked for."""

    def __init__(self, store_id: int) -> None:
        self.store_id = store_id

    @cached_property
    def calendars(self) -> clock.Calendars:
        """The store's opening hours and the legal days."""
        return calendars_of(self.store_id)

    @cached_property
    def sha256(self) -> str:
        """The name of these calendars among the kept ones."""
        return rules.digest(rules.content(self.calendars))

    @cached_property
    def levels(self) -> dict[str, Level]:
        """The levels that hold in the store."""
        return {row.code: row for row in settings.levels(self.store_id)}

    @cached_property
    def web_limits(self) -> bool:
        """Whether posts on the web have limits of their own here."""
        return settings.of(self.store_id).web_limits

    def limits(self, complaint: Complaint, level_code: str | None = None) -> clock.Limits | None:
        """The limits of a ticket's level, or of the one named; none for a question, shorter ones for a web post.

        The web's own limits hold only where the store has switched them on.
        """
        code = level_code if level_code is not None else complaint.level.code if complaint.level else ""
        limits = limits_of(self.levels.get(code))
        return limits.for_the_web() if limits and complaint.source == Source.WEB and self.web_limits else limits

    def basis(self, complaint: Complaint) -> Basis:
        """What a ticket's clock would count by."""
        return Basis(self.limits(complaint), self.calendars)


class Kept:
    """The kept calendars of some ledgers, each read and built once."""

    def __init__(self, rows: Iterable[ClockEntry]) -> None:
        versions = CalendarVersion.objects.in_bulk({row.calendar_id for row in rows if row.calendar_id})
        self._versions = versions
        self._built: dict[int, clock.Calendars] = {}

    def calendars(self, version_id: int) -> clock.Calendars:
        """The calendars of a version."""
        if version_id not in self._built:
            self._built[version_id] = rules.calendars(self._versions[version_id].content)
        return self._built[version_id]


def rows_of(complaint: Complaint) -> list[ClockEntry]:
    """The rows of a ticket's ledger, oldest first."""
    return list(complaint.clock.order_by("sequence").select_related("by"))


def entries(
    rows: Iterable[ClockEntry], complaint: Complaint, present: Present | None = None, kept: Kept | None = None
) -> list[Entry]:
    """Rows as the rules read them; one older than its limits and calendar counts by what holds today."""
    rows = list(rows)
    kept = kept or Kept(rows)
    present = present or Present(complaint.store_id)
    return [Entry(row.kind, row.at, _basis(row, complaint, present, kept)) for row in rows]


def run_of(complaint: Complaint) -> Run | None:
    """The run of a ticket's clock; None for a ticket without a ledger, which came from an old register."""
    rows = rows_of(complaint)
    return rules.read(entries(rows, complaint)) if rows else None


def fold(complaint: Complaint) -> clock.Deadlines:
    """The deadlines of a ticket as its ledger gives them: what its columns hold."""
    return rules.fold(entries(rows_of(complaint), complaint))


def ruling(complaint: Complaint) -> tuple[str, datetime | None]:
    """The promise that rules now and its moment, from the stored deadlines; what is stored in due_at."""
    return clock.ruling(
        clock.Deadlines(complaint.response_due_at, complaint.proposal_due_at, complaint.closing_due_at),
        responded=complaint.responded_at is not None,
        proposed=complaint.proposed_at is not None,
        external=complaint.external_due_at if complaint.external_replied_at is None else None,
        paused_at=complaint.paused_at,
    )


def _basis(row: ClockEntry, complaint: Complaint, present: Present, kept: Kept) -> Basis:
    limits = present.limits(complaint, row.level_code) if row.limits is None else clock.Limits.read(row.limits)
    return Basis(limits, kept.calendars(row.calendar_id) if row.calendar_id else present.calendars)

"""What every change of a ticket begins and ends with: lock and checks, then the step, the clock and the trail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from complaints import ledger, people, settings, wording
from complaints.actions import calendars, outdated
from complaints.models import ClockEntry, Complaint, Kind, Level, Step
from complaints.rules import conflict
from complaints.rules import ledger as clock_ledger
from complaints.rules.transitions import NEXT, fits, may
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.clock import business_day
from crm_site.core.errors import RuleBroken

DUE_FIELDS = ["response_due_at", "proposal_due_at", "closing_due_at"]


@dataclass(frozen=True)
class Change:
    """Who changes a ticket when, and which version of it they had before them (None: not asked for)."""

    by: Employee | None
    now: datetime
    version: int | None = None

    @property
    def day(self) -> date:
        """The business day of the change."""
        return business_day(self.now)


def begin(
    complaint_id: int, action: str, change: Change, fields: Collection[str] = (), *, override: bool = False
) -> Complaint:
    """Lock a ticket for an action, or refuse: the state, the person, a conflict of interest, or an outdated page.

    `fields` are the columns that the action will write; somebody else's change to others does not stand in the way.
    """
    complaint = Complaint.objects.select_for_update().get(pk=complaint_id)
    outdated.check(complaint, action, change.version, by=change.by, fields=fields, day=change.day)
    _check_person(complaint, action, change, override=override)
    question, paused = complaint.kind == Kind.QUESTION, complaint.paused_at is not None
    if not fits(action, complaint.state, question=question, paused=paused, historical=complaint.historical):
        raise RuleBroken(_refusal(complaint, action), code="state")
    return complaint


def finish(
    complaint: Complaint,
    action: str,
    change: Change,
    *,
    fields: Iterable[str] = (),
    touches: Iterable[str] = (),
    to: str = "",
    note: str = "",
    private: Mapping[str, Any] | None = None,
    **detail: Any,
) -> Complaint:
    """Save the named fields and the new state, and write the step and the trail; the version is the step's number.

    `touches` names what was changed in other tables, so that an outdated page about it is noticed. `private` goes into
    the step alone: personal values have no place in the trail.
    """
    before, named = complaint.state, list(fields)
    if "closed_at" in named:
        complaint.closed_on = complaint.closed_at and business_day(complaint.closed_at)
        named.append("closed_on")
    complaint.state = to or before
    complaint.version += 1
    set_ruling_deadline(complaint)
    complaint.save(update_fields=[*named, "state", "version", "due_at"])
    changed = [*named, *touches]
    kept = {**trail.plain(detail), **trail.plain(dict(private or {})), "fields": changed}
    add_step(complaint, action, change, from_state=before, note=note, detail=kept)
    trail.record(change.by, f"complaint.{action}", complaint, state=(before, complaint.state), fields=changed, **detail)
    return complaint


def add_step(
    complaint: Complaint, action: str, change: Change, *, from_state: str, note: str, detail: dict[str, Any]
) -> Step:
    """Write one step of the log; its number is the ticket's version, so the chain has no gap."""
    return Step.objects.create(
        store_id=complaint.store_id,
        complaint=complaint,
        sequence=complaint.version,
        at=change.now,
        by=change.by,
        action=action,
        from_state=from_state,
        to_state=complaint.state,
        note=note,
        detail=detail,
    )


def turn_clock(
    complaint: Complaint,
    kind: str,
    change: Change,
    *,
    at: datetime | None = None,
    reason: str = "",
    until: date | None = None,
) -> list[str]:
    """Write one entry of the clock's ledger and take the deadlines over that follow from it.

    Gives the names of the fields to save. The whole ledger is read, so that the stored deadlines can never differ from
    what it says; the entry keeps the limits and the calendar that it counted by, so that nothing else is needed.
    """
    rows = ledger.rows_of(complaint)
    entry = ClockEntry(
        store_id=complaint.store_id,
        complaint=complaint,
        sequence=len(rows) + 1,
        at=at or change.now,
        noted_at=change.now,
        by=change.by,
        kind=kind,
        level_code=complaint.level.code if complaint.level else "",
        reason=reason,
        until=until,
    )
    present = ledger.Present(complaint.store_id)
    _put_basis(entry, rows[-1] if rows else None, present, change.now)
    run = clock_ledger.read(ledger.entries([*rows, entry], complaint, present))
    complaint.response_due_at = entry.response_due_at = run.due.response
    complaint.proposal_due_at = entry.proposal_due_at = run.due.proposal
    complaint.closing_due_at = entry.closing_due_at = run.due.closing
    complaint.paused_at = run.paused_since
    entry.save(force_insert=True)
    return [*DUE_FIELDS, "paused_at"]


def _put_basis(entry: ClockEntry, last: ClockEntry | None, present: ledger.Present, now: datetime) -> None:
    """Give a new entry the limits and the calendar that it counts by: those of today, or those of the entry before."""
    if entry.kind in clock_ledger.TAKES_LIMITS or last is None or last.limits is None:
        limits = present.limits(entry.complaint)
        entry.limits = limits.stored() if limits else {}
    else:
        entry.limits = last.limits
    if entry.kind in clock_ledger.TAKES_CALENDAR or last is None or last.calendar_id is None:
        entry.calendar = calendars.keep(present, now)
    else:
        entry.calendar_id = last.calendar_id


def set_ruling_deadline(complaint: Complaint) -> None:
    """Put the next promise not yet kept into due_at, on the object only."""
    _name, complaint.due_at = ledger.ruling(complaint)


def level_of(store_id: int, code: str) -> Level:
    """The level of this code as the store has it, else the company's."""
    found = settings.level(store_id, code)
    if found is None:
        raise RuleBroken(_("Choose one of the levels L1 to L4."), code="level", field="level")
    return found


def written(value: str, limit: int, *, field: str, required: bool = True) -> str:
    """A text as it is stored: trimmed, without NUL, not empty where it is required, not longer than the column."""
    text = value.replace("\0", "").strip()
    if required and not text:
        raise RuleBroken(_("Write this in a few words; it stays with the complaint."), code="required", field=field)
    if len(text) > limit:
        message = _("This is %(length)s characters long; %(limit)s fit. Shorten it.")
        raise RuleBroken(message % {"length": len(text), "limit": limit}, code="too_long", field=field)
    return text


def check_clear(
    complaint: Complaint, employee: Employee, *, action: str, day: date, field: str = "", override: bool = False
) -> None:
    """Refuse somebody whose part in the matter bars them from an action, and name the people who can.

    `override` lets the handler and who served through, where a manager has written down that nobody else was there.
    """
    involved = people.involved(complaint)
    barred = employee.pk in involved.barred_from(action, complaint.handler_id)
    took = people.took_before(complaint, action)
    if not barred and employee.pk not in took:
        return
    part = involved.of(employee.pk)
    if override and not conflict.is_blocked(part) and part != conflict.Conflict.JOINT:
        return
    words = _BARRED[part]() if barred else _("%(name)s took “%(before)s”; “%(action)s” is for somebody else.")
    before = wording.step(took.get(employee.pk, action))
    text = words % {"name": employee.name, "action": wording.step(action), "before": before}
    raise RuleBroken(text + instead(complaint, action, day), code="conflict", field=field)


#: how somebody is involved -> why they may not; the one who merely handles it comes last
_BARRED = {
    conflict.Conflict.ACCUSED: lambda: _(
        "%(name)s is the person complained about and neither handles, approves, closes nor confirms it."
    ),
    conflict.Conflict.LIABLE: lambda: _(
        "%(name)s is named as directly liable and neither handles, approves, closes nor confirms it."
    ),
    conflict.Conflict.JOINT: lambda: _("%(name)s is named as jointly liable; “%(action)s” is for somebody else."),
    conflict.Conflict.SERVED: lambda: _("%(name)s served this job; “%(action)s” is for somebody else."),
    conflict.Conflict.NONE: lambda: _("%(name)s handles this complaint; “%(action)s” is for somebody else."),
}


def instead(complaint: Complaint, action: str, day: date) -> str:
    """Who can do it, as the ending of a refusal: " Possible: 何志远, 温静."; says so where there is nobody."""
    names = [employee.name for employee in people.who_can(complaint, action, day)]
    if not names:
        return _(" Nobody in this store can; ask an administrator to give somebody the role.")
    return _(" Possible: %(names)s.") % {"names": _(", ").join(names)}


def _check_person(complaint: Complaint, action: str, change: Change, *, override: bool) -> None:
    if change.by is not None and not NEXT[action].accused_may:
        check_clear(complaint, change.by, action=action, day=change.day, override=override)
    if not may(action, people.actor(complaint, change.by, change.day)):
        text = _("This step is not for your role.") + instead(complaint, action, change.day)
        raise RuleBroken(text, code="role")


def _refusal(complaint: Complaint, action: str) -> str:
    if complaint.paused_at is not None and NEXT[action].running:
        return _("The clock stands while you wait for somebody. Resume it first.")
    if action == "resume":
        return _("The clock is running already.")
    if complaint.historical and not NEXT[action].historical:
        return _("This complaint was taken over from an old register; it can be read, but not worked on.")
    text = _("“%(action)s” is not possible while the complaint is “%(state)s”.")
    return text % {"action": wording.step(action), "state": complaint.get_state_display()}

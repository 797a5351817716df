"""Who handles a ticket, how grave it is, whether its clock runs, whether it counts, and what it is merged into."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import people, wording
from complaints.actions import ticket
from complaints.models import ClockEntry, Complaint, Kind, State, Validity
from complaints.rules import clock, conflict, levels
from crm_site.accounts.models import Employee, Role
from crm_site.core.clock import business_day
from crm_site.core.errors import RuleBroken
from crm_site.notices import actions as notices

#: within this time the same words of the same person are one click
SECOND_CLICK = timedelta(minutes=1)


@transaction.atomic
def reassign(
    complaint_id: int,
    *,
    handler: Employee,
    note: str = "",
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Give the ticket to somebody else: a manager, the head of the department, or its handler to a deputy."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "reassign", change, fields=["handler"])
    check_handler(complaint, handler, change)
    before, complaint.handler = complaint.handler_id, handler
    if handler.pk not in (by.pk, before):
        announce(complaint, handler)
    text = ticket.written(note, 1000, field="note", required=False)
    return ticket.finish(complaint, "reassign", change, fields=["handler"], note=text, handler=(before, handler.pk))


@transaction.atomic
def change_level(
    complaint_id: int, *, level_code: str, reason: str, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """Change how grave the ticket is; its deadlines are counted again from receipt. Lowering needs a manager."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "change_level", change, fields=["level"])
    if complaint.level and complaint.level.code == level_code:
        return complaint
    before = complaint.level.code if complaint.level else ""
    fields = put_level(complaint, level_code, reason, change)
    return ticket.finish(
        complaint, "change_level", change, fields=fields, note=reason.strip(), level=(before, level_code)
    )


@transaction.atomic
def pause(
    complaint_id: int,
    *,
    waiting_for: str,
    reason: str,
    until: date,
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Stop the clock while we wait for the customer or the manufacturer, up to and including a day."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "pause", change, fields=["paused_at"])
    if waiting_for not in wording.WAITING:
        raise RuleBroken(
            _("The clock stands only while we wait for the customer or the manufacturer."), field="waiting_for"
        )
    if until < change.day:
        raise RuleBroken(_("This day has passed. Choose today or a later day."), field="until")
    if until > change.day + clock.LONGEST_PAUSE:
        raise RuleBroken(_("Wait for 60 days at most; pause again if it takes longer."), field="until")
    text = ticket.written(reason, 180, field="reason")
    fields = ticket.turn_clock(complaint, ClockEntry.Kind.PAUSE, change, reason=f"{waiting_for}: {text}", until=until)
    return ticket.finish(complaint, "pause", change, fields=fields, note=text, waiting_for=waiting_for, until=until)


@transaction.atomic
def resume(
    complaint_id: int, *, by: Employee | None, now: datetime, note: str = "", version: int | None = None
) -> Complaint:
    """Let the clock run again; it began to at the latest when the announced day was over."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "resume", change, fields=["paused_at"])
    text = ticket.written(note, 200, field="note", required=False)
    last = complaint.clock.filter(kind=ClockEntry.Kind.PAUSE).latest("sequence")
    at = min(now, clock.end_of_pause(last.until)) if last.until else now
    fields = ticket.turn_clock(complaint, ClockEntry.Kind.RESUME, change, at=at, reason=text)
    return ticket.finish(complaint, "resume", change, fields=fields, note=text, at=at)


@transaction.atomic
def judge_validity(
    complaint_id: int, *, validity: str, reason: str, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """A manager says whether the complaint counts, and why."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "judge_validity", change, fields=["validity"])
    if validity not in Validity.values:
        raise RuleBroken(_("Choose whether the complaint is valid."), field="validity")
    text = ticket.written(reason, 1000, field="reason")
    before, complaint.validity = complaint.validity, validity
    return ticket.finish(
        complaint, "judge_validity", change, fields=["validity"], note=text, validity=(before, validity)
    )


@transaction.atomic
def chase(complaint_id: int, *, note: str, by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """The customer asks again about an open ticket (催办): counted and logged, no new ticket.

    The same words of the same person within a minute are a second click, and count once.
    """
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "chase", change)
    text = ticket.written(note, 1000, field="note")
    if complaint.steps.filter(action="chase", by=by, note=text, at__gt=now - SECOND_CLICK).exists():
        return complaint
    complaint.chased += 1
    return ticket.finish(complaint, "chase", change, fields=["chased"], note=text, chased=complaint.chased)


@transaction.atomic
def merge(
    complaint_id: int, *, into: Complaint, by: Employee, now: datetime, note: str = "", version: int | None = None
) -> Complaint:
    """The same matter came from two sources: this ticket ends in the main one, and both numbers stay."""
    change = ticket.Change(by, now, version)
    # the lower key first, so that two merges in opposite directions cannot wait for each other
    list(Complaint.objects.select_for_update().filter(pk__in=[complaint_id, into.pk]).order_by("pk"))
    complaint = ticket.begin(complaint_id, "merge", change)
    main = Complaint.objects.get(pk=into.pk)
    if main.pk == complaint.pk or main.store_id != complaint.store_id or not main.is_open:
        raise RuleBroken(_("Merge into another open complaint of the same store."), code="main", field="into")
    complaint.merged_into = main
    fields = ["merged_into", *ticket.turn_clock(complaint, ClockEntry.Kind.STOP, change)]
    text = ticket.written(note, 1000, field="note", required=False)
    return ticket.finish(complaint, "merge", change, fields=fields, to=State.MERGED, note=text, main=main.pk)


def put_level(complaint: Complaint, level_code: str, reason: str, change: ticket.Change) -> list[str]:
    """Set another level on a locked ticket and count its clock again; gives the fields to save."""
    before = complaint.level
    level = ticket.level_of(complaint.store_id, level_code)
    lowering = before is not None and levels.is_lowering(before.code, level.code)
    if lowering:
        _check_lowering(complaint, change)
    text = ticket.written(reason, 200, field="reason", required=lowering)
    complaint.level = level
    fields = ["level"]
    if complaint.kind == Kind.GRIEVANCE and level.rank > 1:
        complaint.kind = Kind.COMPLAINT
        fields.append("kind")
    return fields + ticket.turn_clock(complaint, ClockEntry.Kind.LEVEL, change, reason=text)


def check_handler(complaint: Complaint, handler: Employee, change: ticket.Change) -> None:
    """Refuse a handler who is involved in the matter, works elsewhere, or cannot sign in to handle it."""
    possible = people.handlers(complaint, change.day)
    if possible.filter(pk=handler.pk).exists():
        return
    names = _(", ").join(one.name for one in possible.order_by("number")[:5])
    text = _HANDLER_REFUSALS[people.involvement(complaint, handler)]()
    if names:
        text += _(" Possible: %(names)s.")
    raise RuleBroken(text % {"name": handler.name, "names": names}, code="conflict", field="handler")


def announce(complaint: Complaint, handler: Employee) -> None:
    """Tell the new handler."""
    if handler.user is not None:
        notices.tell(
            handler.user, "complaint.assigned", {"number": complaint.number}, url=f"/complaints/{complaint.pk}/"
        )


_HANDLER_REFUSALS = {
    conflict.Conflict.ACCUSED: lambda: _("%(name)s is the person complained about and cannot handle the complaint."),
    conflict.Conflict.LIABLE: lambda: _("%(name)s is named as directly liable and cannot handle the complaint."),
    conflict.Conflict.SERVED: lambda: _("%(name)s has no sign-in that handles complaints in this store."),
    conflict.Conflict.NONE: lambda: _("%(name)s has no sign-in that handles complaints in this store."),
}


def _check_lowering(complaint: Complaint, change: ticket.Change) -> None:
    role = people.actor(complaint, change.by, change.day).role
    if role != Role.MANAGER:
        names = [one.name for one in people.in_role(complaint.store_id, Role.MANAGER, change.day)]
        text = _("Only a customer relations manager lowers a level. Possible: %(names)s.")
        raise RuleBroken(text % {"names": _(", ").join(names) or "–"}, code="role", field="level")


def pauses_that_ended(now: datetime) -> list[int]:
    """The paused tickets whose announced day is over; for the tick that resumes them."""
    today = business_day(now)
    paused = Complaint.objects.filter(paused_at__isnull=False).open()
    return [pk for pk in paused.values_list("pk", flat=True) if _last_day(pk) < today]


def _last_day(complaint_id: int) -> date:
    last = ClockEntry.objects.filter(complaint_id=complaint_id, kind=ClockEntry.Kind.PAUSE).latest("sequence")
    return last.until or last.at.date()


def resume_ended(complaint_id: int, *, now: datetime) -> None:
    """Resume a ticket whose waiting is over, unless somebody was faster."""
    try:
        resume(complaint_id, by=None, now=now)
    except RuleBroken as faster:
        if faster.code != "state":
            raise

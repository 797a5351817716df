"""Who handles a ticket, how grave it is, whether its clock runs, and whether it counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import people, wording
from complaints.actions import priority, ticket
from complaints.models import ClockEntry, Complaint, Kind, Validity
from complaints.rules import clock, conflict, levels
from complaints.rules.transitions import may
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
    before = complaint.handler_id
    _give(complaint, handler, change)
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
    complaint_id: int,
    *,
    validity: str,
    reason: str,
    ground: str = "",
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """A manager says whether the complaint counts, and why; an invalid one has a ground of wording.GROUNDS."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "judge_validity", change, fields=["validity"])
    if validity not in Validity.values:
        raise RuleBroken(_("Choose whether the complaint is valid."), field="validity")
    ground = ground if validity == Validity.INVALID else ""
    if validity == Validity.INVALID and ground not in wording.GROUNDS:
        raise RuleBroken(_("Choose why it does not count."), code="ground", field="ground")
    text = ticket.written(reason, 1000, field="reason")
    before, complaint.validity = complaint.validity, validity
    return ticket.finish(
        complaint, "judge_validity", change, fields=["validity"], note=text, validity=(before, validity), ground=ground
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


def put_level(complaint: Complaint, level_code: str, reason: str, change: ticket.Change) -> list[str]:
    """Set another level on a locked ticket and count its clock again; gives the fields to save."""
    before = complaint.level
    level = ticket.level_of(complaint.store_id, level_code)
    lowering = before is not None and levels.is_lowering(before.code, level.code)
    if lowering:
        _check_lowering(complaint, change)
    text = ticket.written(reason, 200, field="reason", required=lowering)
    complaint.level = level
    fields = ["level", *_decide(complaint, level.code, change)]
    if complaint.kind == Kind.GRIEVANCE and level.rank > 1:
        complaint.kind = Kind.COMPLAINT
        fields += ["kind", *priority.flag(complaint, change)]
    return fields + ticket.turn_clock(complaint, ClockEntry.Kind.LEVEL, change, reason=text)


def _decide(complaint: Complaint, level_code: str, change: ticket.Change) -> list[str]:
    """What was asked or proposed is decided once the ticket has that level; gives the fields to save."""
    fields = []
    if complaint.proposed_level and not levels.is_lowering(complaint.proposed_level, level_code):
        complaint.proposed_level = complaint.proposed_because = ""
        fields += ["proposed_level", "proposed_because"]
    if complaint.grave_words and complaint.grave_answered_at is None and level_code == levels.GRAVEST:
        complaint.grave_answered_at = change.now
        fields.append("grave_answered_at")
    return fields


def check_handler(complaint: Complaint, handler: Employee, change: ticket.Change) -> None:
    """Refuse a handler who is involved in the matter, works elsewhere, or cannot sign in to handle it."""
    possible = people.handlers(complaint, change.day)
    if possible.filter(pk=handler.pk).exists():
        return
    names = _(", ").join(one.name for one in possible.order_by("number")[:5])
    text = _HANDLER_REFUSALS.get(people.involvement(complaint, handler), _no_sign_in)()
    if names:
        text += _(" Possible: %(names)s.")
    raise RuleBroken(text % {"name": handler.name, "names": names}, code="conflict", field="handler")


def keep_clear(complaint: Complaint, change: ticket.Change, *, handler: Employee | None = None) -> list[str]:
    """After somebody was newly named in a locked ticket: whom it is about lets go of it. Gives the fields to save.

    Whoever handles it and turns out to be accused or liable must hand it over in the same step (`handler`), or the
    step is refused; whoever was to call the customer at once is replaced.
    """
    fields = priority.keep_clear(complaint, change) if complaint.is_open else []
    if handler is not None and handler.pk != complaint.handler_id:
        if not may("reassign", people.actor(complaint, change.by, change.day)):
            raise RuleBroken(
                _("This step is not for your role.") + ticket.instead(complaint, "reassign", change.day),
                code="role",
                field="handler",
            )
        _give(complaint, handler, change)
        return [*fields, "handler"]
    if complaint.is_open and complaint.handler is not None:
        check_stays(complaint, complaint.handler, change)
    return fields


def check_stays(complaint: Complaint, handler: Employee, change: ticket.Change) -> None:
    """Refuse to leave a ticket with somebody whom it is about."""
    if handler.pk not in people.involved(complaint).blocked:
        return
    text = _(
        "%(name)s handles complaint %(number)s and cannot be the one it is about. Give it to somebody else first, or"
        " choose the new handler here."
    )
    names = _(", ").join(one.name for one in people.handlers(complaint, change.day).order_by("number")[:5])
    text = text % {"name": handler.name, "number": complaint.number}
    more = _(" Possible: %(names)s.") % {"names": names} if names else ""
    raise RuleBroken(text + more, code="conflict", field="handler")


def _give(complaint: Complaint, handler: Employee, change: ticket.Change) -> None:
    """Make somebody the handler, if nothing bars them, and tell them."""
    check_handler(complaint, handler, change)
    before, complaint.handler = complaint.handler_id, handler
    if handler.pk not in (change.by.pk if change.by else None, before):
        announce(complaint, handler)


def announce(complaint: Complaint, handler: Employee) -> None:
    """Tell the new handler."""
    if handler.user is not None:
        notices.tell(
            handler.user, "complaint.assigned", {"number": complaint.number}, url=f"/complaints/{complaint.pk}/go/"
        )


_HANDLER_REFUSALS = {
    conflict.Conflict.ACCUSED: lambda: _("%(name)s is the person complained about and cannot handle the complaint."),
    conflict.Conflict.LIABLE: lambda: _("%(name)s is named as directly liable and cannot handle the complaint."),
}


def _no_sign_in() -> str:
    return _("%(name)s has no sign-in that handles complaints in this store.")


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

"""How a call is told in one line: its time, where it comes from, its status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm_site.core import clock, formats
from revisits.models import Anchor, PastCall, Revisit, State
from revisits.queries.lists import LAST_DAY, OVERDUE, PROMISED
from revisits.rules.codes import Reason
from revisits.wording import reason_word


@dataclass(frozen=True)
class Line:
    """One line of the due list."""

    task: Revisit
    time: str
    time_note: str
    origin: str
    status: dict[str, str]
    is_next: bool = False


def line(task: Revisit, bucket: str, *, now: datetime, today: date, next_id: int | None) -> Line:
    """A call as the due list shows it in its bucket; wants a row of queries.lists.in_order."""
    time, note = _time(task, bucket, now, today)
    is_next = task.pk == next_id
    return Line(task, time, note, origin(task), _status(task, bucket, now, today, is_next=is_next), is_next)


def _time(task: Revisit, bucket: str, now: datetime, today: date) -> tuple[str, str]:
    """When it is to be called, and what is left of the time."""
    if bucket == PROMISED and task.promised_at:
        return f"{clock.local(task.promised_at):%H:%M}", _left(task.promised_at, now)
    if bucket == OVERDUE:
        return f"{task.expires_on:%m-%d}", overdue_by(task, today)
    day = formats.when(task.due_on, today)
    if bucket == LAST_DAY:
        return formats.when(today, today), _("last day")
    return day, _("until %(day)s") % {"day": f"{task.expires_on:%m-%d}"}


def _left(at: datetime, now: datetime) -> str:
    minutes = int((at - now).total_seconds() // 60)
    if minutes < 0:
        return _("%(time)s ago") % {"time": formats.duration(-minutes)}
    return _("in %(time)s") % {"time": formats.duration(minutes)}


def overdue_by(task: Revisit, today: date) -> str:
    """By how many days the deadline has passed."""
    days = (today - task.expires_on).days
    return ngettext("%(days)d day overdue", "%(days)d days overdue", days) % {"days": days}


def origin(task: Revisit) -> str:
    """The fact that a call comes from, without any personal value."""
    if task.complaint:
        return _("Complaint %(number)s") % {"number": task.complaint.number}
    if task.repair_order:
        return _order_origin(task)
    if task.delivery and task.rule_version.anchor == Anchor.DELIVERY:
        consultant = task.delivery.sales_consultant
        name = consultant.name if consultant else task.delivery.sales_consultant_name
        day = f"{task.delivery.delivered_on:%m-%d}"
        if name:
            return _("Delivered %(day)s, sold by %(name)s") % {"day": day, "name": name}
        return _("Delivered %(day)s") % {"day": day}
    anchor = Anchor(task.rule_version.anchor)
    return _("%(what)s %(day)s") % {"what": anchor.label, "day": f"{task.anchor_on:%Y-%m-%d}"}


def _order_origin(task: Revisit) -> str:
    order: Any = task.repair_order
    words = {"number": order.order_number, "kind": order.get_job_type_display()}
    covered = getattr(task, "covered", 0)
    if covered:
        words["count"] = covered + 1
        return _("Order %(number)s and others, %(count)s in all, merged") % words
    return _("Order %(number)s, %(kind)s") % words


def _status(task: Revisit, bucket: str, now: datetime, today: date, *, is_next: bool) -> dict[str, str]:
    """Icon and word of a line of the due list."""
    if task.claimed_by and task.lease_until and task.lease_until >= now:
        return {"word": _("%(name)s is calling") % {"name": task.claimed_by.name}, "kind": "now"}
    if is_next:
        return {"word": pgettext("call", "Next"), "kind": "now"}
    if bucket == PROMISED:
        return {"word": _("Call back promised"), "kind": "", "icon": "clock"}
    if task.in_workshop:  # type: ignore[attr-defined]
        return {"word": _("Car in the workshop"), "kind": "pause"}
    if task.not_before and task.not_before > now:
        return {"word": _("After %(time)s") % {"time": formats.when(task.not_before, today)}, "icon": "clock"}
    if bucket == OVERDUE:
        return {"word": overdue_by(task, today), "kind": "bad"}
    if bucket == LAST_DAY:
        return {"word": pgettext("call", "Last day"), "kind": "warn", "icon": "hourglass-split"}
    return _plain_status(task)


def _plain_status(task: Revisit) -> dict[str, str]:
    """The status of a call that is simply due."""
    if task.reason == Reason.PROGRESS_CALL:
        return {"word": _("Progress call"), "kind": "line", "icon": "chat-left-text"}
    if task.late:
        return {"word": _("Imported late"), "kind": "line", "icon": "clock-history"}
    return {"word": _("To call"), "kind": ""}


_KINDS = {
    State.DONE: "ok",
    State.FAILED: "bad",
    State.NO_NUMBER: "warn",
    State.EXCUSED: "pause",
    State.CANCELLED: "pause",
}


def state_status(task: Revisit, today: date) -> dict[str, str]:
    """Icon and word of a call's state anywhere but on the due list."""
    if task.is_open and task.state != State.NO_NUMBER and task.expires_on < today:
        return {"word": overdue_by(task, today), "kind": "bad"}
    return {
        "word": str(task.get_state_display()),
        "kind": _KINDS.get(State(task.state), ""),
        "title": reason_word(task.reason),
    }


# ---- past calls ------------------------------------------------------------------------------------------------------


def past_title(call: PastCall) -> str:
    """What kind of call an old list says it was, marked as history."""
    return _("%(title)s (historical)") % {"title": call.kind or _("Revisit")}


def past_result(call: PastCall) -> str:
    """How an old call ended: our word for it, with the list's own where it says something else."""
    ours = call.result.label if call.result else ""
    own = "" if call.result and call.result_text in call.result.label_zh else call.result_text
    return _("%(ours)s (%(own)s)") % {"ours": ours, "own": own} if ours and own else ours or own


def past_caller(call: PastCall) -> str:
    """Who made an old call, as the roster or the list names them."""
    return call.by.name if call.by else call.caller_name


def past_importer(call: PastCall) -> str:
    """Who took an old call over; '' for one whose import is not known."""
    if call.batch is None:
        return ""
    return (call.batch.applied_by or call.batch.uploaded_by).name


def past_line(call: PastCall) -> dict[str, Any]:
    """An old call as its list shows it."""
    return {
        "call": call,
        "when": formats.when(call.called_at) if call.called_at else f"{call.called_on:%Y-%m-%d}",
        "title": past_title(call),
        "result": past_result(call),
        "caller": past_caller(call),
        "importer": past_importer(call),
    }

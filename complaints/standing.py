"""What stands out on a ticket: a call to be made at once, a clock begun anew, what closing lacks, the 三包 count."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import people, repairs
from complaints.actions import closing, demands, priority
from complaints.models import ClockEntry, Complaint, Kind, State
from complaints.rules import three_guarantees as rules
from crm_site.core import formats

_KINDS = {rules.Alert.NEAR: "warn", rules.Alert.REACHED: "bad"}
#: categories whose complaints are about a fault of the car or of its repair
_OF_QUALITY = ("repair", "product")


def notes(complaint: Complaint, today: date) -> list[dict[str, str]]:
    """What is to be read before anything else, as notes: {kind, title, text}."""
    if complaint.historical:
        return []
    found = [_call_at_once(complaint, today), _counts_anew(complaint, today), _lacks(complaint, today)]
    return [note for note in found if note]


def _call_at_once(complaint: Complaint, today: date) -> dict[str, str] | None:
    """A gold or A customer who complains again: who calls at once, or when they did."""
    caller = complaint.priority_caller
    if caller is None or complaint.customer is None:
        return None
    values = {
        "class": complaint.customer.get_value_class_display(),
        "count": priority.complaints_of(complaint),
        "name": caller.name,
    }
    if complaint.priority_called_at is not None:
        text = _("%(class)s, complaint %(count)s within 12 months. %(name)s called %(when)s.")
        return {"kind": "ok", "text": text % (values | {"when": formats.when(complaint.priority_called_at, today)})}
    if not complaint.is_open:
        return None
    text = _("%(class)s, complaint %(count)s within 12 months: %(name)s calls the customer now and logs the contact.")
    return {"kind": "bad", "title": _("Call at once."), "text": text % values}


def _counts_anew(complaint: Complaint, today: date) -> dict[str, str] | None:
    """Since when the clock of a reopened ticket counts, and until when."""
    if not complaint.reopened or not complaint.is_open:
        return None
    entry = complaint.clock.filter(kind=ClockEntry.Kind.REOPEN).order_by("-sequence").first()
    if entry is None:
        return None
    text = _("The clock counts anew from %(since)s: a new proposal by %(proposal)s, closing by %(closing)s.")
    moments = {"since": entry.at, "proposal": complaint.proposal_due_at, "closing": complaint.closing_due_at}
    words = {name: formats.when(at, today) if at else "–" for name, at in moments.items()}
    return {"kind": "warn", "title": _("Reopened."), "text": text % words}


def _lacks(complaint: Complaint, today: date) -> dict[str, str] | None:
    """What a ticket lacks whose customer has confirmed, and so cannot be closed."""
    if complaint.state != State.CONFIRMING or not closing.is_confirmed(complaint):
        return None
    missing = demands.gaps(complaint)
    if not missing:
        names = _(", ").join(one.name for one in people.who_can(complaint, "close", today))
        text = _("The customer has confirmed, and nothing is missing any more. It can be closed by: %(names)s.")
        return {"kind": "ok", "text": text % {"names": names or "–"}}
    text = _("The customer has confirmed. Before it can be closed this is missing: %(gaps)s.")
    return {"kind": "warn", "text": text % {"gaps": demands.in_words(complaint, missing, today)}}


def guarantees(complaint: Complaint, today: date) -> dict[str, Any] | None:
    """The 三包 count with the orders behind it; None where there is nothing to count or the matter is another one."""
    if complaint.historical or complaint.vehicle is None or complaint.kind == Kind.QUESTION:
        return None
    orders = repairs.orders_of(complaint)
    found = repairs.tally(complaint, orders, today)
    code = complaint.category.code.partition(".")[0] if complaint.category else ""
    if code not in _OF_QUALITY and (found is None or not found.alert):
        return None
    if found is None:
        text = _("The archive does not say until when this car is under guarantee; nothing is counted. Enter it there.")
        return {"kind": "", "text": text, "rows": []}
    if not found.counted:
        return None
    rows = {order.pk: order for order in orders}
    return {
        "kind": _KINDS.get(found.alert, ""),
        "text": _summary(found),
        "rows": [_row(rows[visit.key], visit, found, today) for visit in found.counted],
        "note": _how(repairs.chosen(complaint) is not None),
    }


def _summary(found: rules.Tally) -> str:
    days = ngettext("%(n)s day in the workshop", "%(n)s days in the workshop", found.days) % {"n": found.days}
    times = ngettext("%(n)s repair of the same problem", "%(n)s repairs of the same problem", found.repairs) % {
        "n": found.repairs
    }
    limits = {"days": rules.LIMIT_DAYS, "repairs": rules.LIMIT_REPAIRS}
    limit = _("limits: %(days)s days or %(repairs)s repairs") % limits
    return _("%(days)s, %(repairs)s (%(limits)s)") % {"days": days, "repairs": times, "limits": limit}


def _row(order: Any, visit: rules.Visit, found: rules.Tally, today: date) -> dict[str, Any]:
    until = formats.day(visit.left_on) if visit.left_on else _("still here")
    return {
        "number": order.order_number,
        "span": f"{formats.day(visit.came_on)} – {until}",
        "days": rules.days_of(visit, today),
        "what": order.items or order.complaint_text or order.get_job_type_display(),
        "is_same": visit.key in found.same,
    }


def _how(is_chosen: bool) -> str:
    """How the numbers came about."""
    counted = _(
        "Counted are general repairs, warranty jobs and rework that began within the guarantee; check-in and hand-back"
        " day both count, days that overlap once. The odometer limit is not looked at."
    )
    if is_chosen:
        return counted + _(" Which repairs are the same problem was chosen by hand.")
    return counted + _(
        " This job and jobs of the category's trade are taken for the same problem until somebody chooses."
    )

"""Words of the archive for codes that come from elsewhere, and for the reasons of a due day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm_site.core import formats
from customers.models import Vehicle
from customers.rules import looks
from customers.rules.forecast import Due, Forecast

#: why a number is to be checked: the results of calls (their rows live higher up), and what a person ticked
CHECK_REASONS: dict[str, str | Promise] = {
    "VACANT": gettext_lazy("number vacant or changed"),
    "SUSPENDED": gettext_lazy("number suspended"),
    "WRONG_NO": gettext_lazy("wrong number"),
    "NO_PHONE": gettext_lazy("no number known"),
    "bulk": gettext_lazy("asked for many customers at once"),
    "NOT_THEIRS": gettext_lazy("not the customer's own number"),
}

#: why a hidden fact was looked at (rules.looks): what is offered, and what the work itself gives
LOOK_REASONS: dict[str, str | Promise] = {
    looks.DIAL: gettext_lazy("to dial"),
    looks.IDENTIFY: gettext_lazy("to make sure who it is"),
    looks.CORRECT: gettext_lazy("to correct the card"),
    looks.SEND: gettext_lazy("to send something"),
    looks.HANDLE: gettext_lazy("for a complaint"),
    looks.OTHER: gettext_lazy("other, as written"),
    looks.CALL: gettext_lazy("call taken from the list"),
    looks.TICKET: gettext_lazy("complaint in hand"),
}


def check_reason(code: str) -> str:
    """Why reception is to ask for the number; any other result of calls says that nobody could be reached."""
    return str(CHECK_REASONS.get(code, _("could not be reached")))


def due_lines(car: Vehicle, found: Forecast | None) -> list[dict[str, Any]]:
    """When a car is due and why, for showing: [{term, day, why}]; the first service only until the car has come."""
    if found is None:
        return []
    lines = []
    if found.first_service:
        since = _("after the delivery of %(day)s")
        term = _("First service") if car.last_visit_on is None else _("First service (has been here since)")
        lines.append(_line(term, found.first_service, found.daily_km, since))
    if found.next_maintenance:
        since = _("after the visit of %(day)s") if car.last_visit_on else _("after the first service of %(day)s")
        lines.append(_line(_("Next maintenance"), found.next_maintenance, found.daily_km, since))
    return lines


def next_due(car: Vehicle, found: Forecast | None) -> dict[str, Any] | None:
    """The one line that matters now: the first service until the car has come, then the next maintenance."""
    lines = due_lines(car, found)
    return (lines[0] if car.last_visit_on is None else lines[-1]) if lines else None


def _line(term: str, due: Due, daily_km: int | None, since: str) -> dict[str, Any]:
    return {"term": term, "day": due.on, "why": _why(due, daily_km, since % {"day": due.since.isoformat()})}


def _why(due: Due, daily_km: int | None, since: str) -> str:
    """Both reckonings in one sentence, the one that decides first."""
    months = ngettext("%(n)d month", "%(n)d months", due.interval.months) % {"n": due.interval.months}
    by_months = _("%(months)s %(since)s: %(day)s") % {"months": months, "since": since, "day": _day(due.by_months)}
    if due.by_km is None:
        return _("%(by_months)s. How far the car goes is not known yet.") % {"by_months": by_months}
    by_km = _("%(km)s km would be reached on %(day)s, at %(daily)s km a day") % {
        "km": formats.number(due.interval.km), "day": _day(due.by_km), "daily": daily_km,
    }  # fmt: skip
    parts = (by_km, by_months) if due.by_km < due.by_months else (by_months, by_km)
    return _("%(first)s; %(second)s.") % {"first": parts[0], "second": parts[1]}


def _day(day: date) -> str:
    return day.isoformat()

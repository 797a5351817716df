"""A deadline's sum in words, step by step, and the stretches of its line as a table: both to be checked by eye."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import bar
from complaints.rules import clock
from complaints.rules.clock import Leg
from crm_site.core.clock import local

#: a table of more stretches than this says nothing to the eye
MOST = 60


def lines(way: Sequence[Leg], line: bar.Line, name: str) -> list[dict[str, str]]:
    """The sum of a promise: {word, at} for where it starts, each step, and so the deadline itself."""
    if not way:
        return [{"word": _("Set from outside"), "at": moment(line.due)}] if name == "external" else []
    first = {"word": _("Counted from"), "at": moment(line.start)}
    return [first, *({"word": _leg(leg, line), "at": moment(leg.moment)} for leg in way)]


def stretches(line: bar.Line) -> list[dict[str, Any]]:
    """What the line shows, as rows: from, to, what it is, how much of it counts, and the total so far."""
    rows, total = [], timedelta(0)
    for begins, ends, kind in bar.stretches(line):
        counts, before = kind in {"counted", "remaining"}, total
        total += ends - begins if counts else timedelta(0)
        # whole minutes of the total, so that what is shown adds up whatever the seconds
        length = _minutes(total) - _minutes(before)
        rows.append(
            {
                "from": moment(begins),
                "to": moment(ends) if local(begins).date() != local(ends).date() else f"{local(ends):%H:%M}",
                "word": _KINDS[kind](),
                "kind": kind,
                "length": hours(length) if counts else "",
                "total": hours(total) if counts else "",
            }
        )
    return rows if len(rows) <= MOST else []


def moment(at: datetime) -> str:
    """`09-18 10:30`."""
    return f"{local(at):%m-%d %H:%M}"


def hours(length: timedelta) -> str:
    """`9:30` for nine and a half hours."""
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _minutes(length: timedelta) -> timedelta:
    return timedelta(minutes=length // timedelta(minutes=1))


def _leg(leg: Leg, line: bar.Line) -> str:
    if leg.how == "open_days":
        return ngettext("+ %(days)s open day, to closing time", "+ %(days)s open days, to closing time", leg.days) % {
            "days": leg.days
        }
    if leg.how == "working_days":
        return ngettext(
            "+ %(days)s working day by law, to the end of office hours",
            "+ %(days)s working days by law, to the end of office hours",
            leg.days,
        ) % {"days": leg.days}
    if leg.how == "night":
        return _("an end between 21:00 and 9:00 moves to 9:30")
    if leg.pause is not None:
        return _paused(leg)
    if line.kind == clock.STORE_HOURS:
        return _("+ %(time)s of opening hours") % {"time": hours(leg.length)}
    return _("+ %(time)s, day and night") % {"time": hours(leg.length)}


def _paused(leg: Leg) -> str:
    assert leg.pause is not None
    words = {"from": moment(leg.pause.start), "to": moment(leg.pause.end)}
    if leg.how == "pause_days":
        text = ngettext(
            "+ %(days)s working day of the pause %(from)s – %(to)s",
            "+ %(days)s working days of the pause %(from)s – %(to)s",
            leg.days,
        )
        return text % (words | {"days": leg.days})
    return _("+ %(time)s of the pause %(from)s – %(to)s") % (words | {"time": hours(leg.length)})


_KINDS = {
    "counted": lambda: _("counted"),
    "remaining": lambda: _("remaining"),
    "paused": lambda: _("paused"),
    "closed": lambda: _("closed"),
}

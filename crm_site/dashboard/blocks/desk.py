"""The calls of whoever calls: what is due, promised, overdue, and done today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm_site.accounts.models import Role
from crm_site.core import formats
from crm_site.dashboard.blocks.base import Block, Moment, Tile, alarm, link
from revisits.lines import line
from revisits.queries import lists

#: how many of the calls to make home shows
FIRST = 8


def calls(at: Moment) -> Block | None:
    """For specialists the desk's calls, for the frontline those of the own customers."""
    if not at.is_any(Role.SPECIALIST, Role.FRONTLINE):
        return None
    due = lists.due_list(at.user, at.now, at.today)
    found = lists.figures(due)
    dialled, reached = lists.attempts_of(at.user, at.today)
    tiles = [
        Tile(_("Calls to make"), found["total"], _("due by today"), link("revisits:today"), "accent"),
        Tile(_("Promised today"), found[lists.PROMISED], _promise(found["next_promise"], at),
             link("revisits:today", bucket=lists.PROMISED)),
        Tile(_("Overdue"), found[lists.OVERDUE], _("their window has passed"),
             link("revisits:today", bucket=lists.OVERDUE), alarm(found[lists.OVERDUE], "bad")),
        Tile(pgettext("call", "Last day"), found[lists.LAST_DAY], _("late after today"),
             link("revisits:today", bucket=lists.LAST_DAY), alarm(found[lists.LAST_DAY], "warn")),
        Tile(_("Done today"), lists.done_on(at.user, at.today),
             _("you dialled %(dialled)s, reached %(reached)s") % {"dialled": dialled, "reached": reached},
             link("revisits:all", done="today")),
    ]  # fmt: skip
    title = _("Today's calls") if at.is_any(Role.SPECIALIST) else _("Calls to your own customers")
    first = [
        line(task, lists.BUCKETS[task.bucket], now=at.now, today=at.today, next_id=None)
        for task in lists.in_order(due, at.today)[:FIRST]
    ]
    return Block(
        "calls",
        title,
        tiles,
        url=reverse("revisits:today"),
        link=_("Open the list"),
        template="dashboard/next_calls.html",
        context={"lines": first},
    )


def _promise(moment, at: Moment) -> str:
    """When the next promised call is."""
    if moment is None:
        return _("no promise today")
    return _("next: %(at)s") % {"at": formats.when(moment, at.today)}

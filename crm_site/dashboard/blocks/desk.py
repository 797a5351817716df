"""The calls of whoever calls: what is due, promised, overdue, and done today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm_site.accounts.models import Role
from crm_site.core import formats
from crm_site.dashboard.blocks.base import Block, Moment, Tile, alarm, link
from revisits.queries import lists


def calls(at: Moment) -> Block | None:
    """For specialists the desk's calls, for the frontline those of the own customers."""
    if not at.is_any(Role.SPECIALIST, Role.FRONTLINE):
        return None
    found = lists.figures(lists.due_list(at.user, at.now, at.today))
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
    return Block("calls", title, tiles, url=reverse("revisits:today"), link=_("Open the list"))


def _promise(moment, at: Moment) -> str:
    """When the next promised call is."""
    if moment is None:
        return _("no promise today")
    return _("next: %(at)s") % {"at": formats.when(moment, at.today)}

"""This month's satisfaction as far as the user may see it, and how much of the month was called."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts.models import Role
from crm_site.core.figures import Scope
from crm_site.core.panels import Panel
from crm_site.dashboard.blocks.base import Block, Moment
from revisits import panels
from satisfaction import queries
from satisfaction.models import Questionnaire
from satisfaction.shown import Shown
from satisfaction.views import board
from satisfaction.views.lens import KINDS, Lens, lens_of

#: confirmations of complaints stand with the complaints
SHOWN = (Questionnaire.Kind.SERVICE, Questionnaire.Kind.SALES)


def satisfaction(at: Moment) -> Block | None:
    """The score of sales and of service with interval and n, and the responses with a low answer."""
    if not at.is_any(Role.HEAD, Role.MANAGER):
        return None
    lens = lens_of(at.request, at.today)
    # each kind with its own reach: a head may head different departments in different stores
    rows = [_line(lens_of(at.request, at.today, kind)) for kind in SHOWN if kind in lens.kinds]
    if not rows:
        return None
    is_whole = lens.departments is None
    title = _("Satisfaction this month") if is_whole else _("Satisfaction of your department this month")
    return Block(
        "satisfaction",
        title,
        url=reverse("satisfaction:dashboard"),
        link=_("Open the figures"),
        template="dashboard/scores.html",
        context={"rows": rows},
    )


def _line(lens: Lens) -> dict[str, Any]:
    return {
        "label": KINDS[lens.kind],
        "score": board.whole(lens),
        "low": Shown(queries.LOW.code, board.low_of(lens), lens.list_url(figure=queries.LOW.code)),
    }


def coverage(at: Moment) -> Block | None:
    """Every delivery and visit of the month in exactly one part; the parts open their calls."""
    stores = at.stores_as(Role.MANAGER)
    if not stores:
        return None
    found: list[tuple[Any, Panel]] = []
    for kind in SHOWN:
        scope = Scope.of_month(stores, at.month, kind=str(kind))
        found += [(KINDS[kind], panel) for panel in panels.coverage(at.request, scope)]
    return Block(
        "coverage",
        _("Called this month"),
        template="dashboard/coverage.html",
        context={"panels": found},
    )

"""The board: tickets by stage in columns, the same tickets and filters as the list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints import page, wording
from complaints.models import Complaint, State
from complaints.views.filters import STATES_OF
from complaints.views.lists import views
from complaints.views.selection import PAST, Selection
from crm_site.accounts import guard, policy
from crm_site.core import clock, formats
from crm_site.core.paging import capped_count

#: cards of a column; the list has the others
CARDS = 12
#: the columns by code of the `stage` filter: the stages, with the confirming call apart from putting it right
COLUMNS: dict[str, str | Promise] = {
    **{code: wording.STAGES[code] for code in ("listen", "analyse", "propose", "tell")},
    "acting": wording.STAGES["act"],
    "confirming": State.CONFIRMING.label,
}
#: figures whose tickets are at rest: other columns
AT_REST: dict[str, dict[str, str | Promise]] = {
    "closed": {"closed": State.CLOSED.label},
    PAST: {"recorded": State.RECORDED.label, "closed": State.CLOSED.label},
    "": {**COLUMNS, "closed": State.CLOSED.label, "recorded": State.RECORDED.label},
}
EMPTY_WORDS = _("Nothing here")


@guard.needs("complaints.view")
def board(request: HttpRequest) -> HttpResponse:
    """One column a stage with its count and the cards whose promise ends next; “all” leads to the list."""
    now = clock.now()
    asked = Selection(request, now)
    stage = asked.filters.chosen.get("stage", "")
    columns = AT_REST.get(asked.tab, COLUMNS).items()
    context = {
        "figures": asked.figures("board"),
        "tab": asked.tab,
        "rests": asked.tab in AT_REST,
        "fields": asked.fields(),
        "hidden": asked.hidden(),
        "chips": asked.chips(),
        "clear_url": asked.clear_url,
        "views": views(request, "board"),
        "columns": [_column(asked, code, word) for code, word in columns if stage in ("", code)],
        "may_report": policy.allows(request.user, "complaints.report"),
    }
    return render(request, "complaints/board.html", context)


def _column(asked: Selection, code: str, word: str | Promise) -> dict[str, Any]:
    """The head, the count and the first cards of one stage."""
    rows = asked.rows.filter(state__in=STATES_OF[code])
    first = rows.select_related("level", "handler").order_by(*_order(asked), "pk")[:CARDS]
    query = asked.request.GET.copy()
    query["stage"] = code
    query.pop("at", None)
    return {
        "code": code,
        "label": word,
        "count": capped_count(rows),
        "cards": [_card(ticket, asked.now) for ticket in first],
        "url": f"{reverse('complaints:list')}?{query.urlencode()}",
    }


def _order(asked: Selection) -> tuple[str, ...]:
    """What waits by its promise; what rests by when it came."""
    return ("due_at",) if asked.tab not in AT_REST else ("-received_at",)


def _card(ticket: Complaint, now: datetime) -> dict[str, Any]:
    paused = ticket.paused_at is not None and ticket.is_open
    return {
        "ticket": ticket,
        "title": page.formats_title(ticket),
        "overdue": ticket.is_overdue(now),
        "paused": paused,
        "soon": ticket.due_at is not None and clock.business_day(ticket.due_at) == clock.business_day(now),
        "moment": formats.when(ticket.due_at) if ticket.due_at and ticket.is_open else formats.day(ticket.received_at),
        "reopened": ticket.state == State.REOPENED,
    }

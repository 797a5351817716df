"""For the director: the stores side by side."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import queries
from crm_site.accounts.models import Role, Store
from crm_site.core.figures import Scope
from crm_site.dashboard.blocks.base import Block, Moment, link
from crm_site.reports import periods
from crm_site.reports.models import ReportSettings
from satisfaction.models import Questionnaire
from satisfaction.queries.tables import NOTHING, by_store
from satisfaction.shown import Shown

#: the columns about tickets: tabs of their list
TABS = ("open", "overdue", "closed")
SALES, SERVICE = Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE


def stores(at: Moment) -> Block | None:
    """Scores of the month, tickets open, overdue and closed this month: a line for each store."""
    pks = at.stores_as(Role.DIRECTOR)
    if not pks:
        return None
    return Block(
        "stores",
        _("Stores side by side"),
        note=_month_note(at, pks),
        template="dashboard/stores.html",
        context={"rows": _rows(at, pks)},
    )


def _month_note(at: Moment, pks: list[int]) -> str:
    """The month in words; where reports of stores run from another day, that these numbers do not."""
    apart = ReportSettings.objects.filter(store_id__in=pks).exclude(month_begins=periods.NATURAL).count()
    if not apart:
        return str(at.month)
    text = ngettext(
        "calendar month %(month)s; the monthly report of %(count)d store runs from another day",
        "calendar month %(month)s; the monthly reports of %(count)d stores run from another day",
        apart,
    )
    return text % {"month": at.month, "count": apart}


def _rows(at: Moment, pks: list[int]) -> list[dict[str, Any]]:
    scores = {kind: by_store(Scope.of_month(pks, at.month, kind=str(kind))) for kind in (SERVICE, SALES)}
    tickets = _tickets(at, pks)
    return [
        {
            "store": store,
            "scores": [_score(at, store.pk, kind, scores[kind].get(store.pk)) for kind in (SERVICE, SALES)],
            **{tab: _cell(tickets[store.pk].get(tab, 0), tab, store.pk) for tab in TABS},
        }
        for store in Store.objects.filter(pk__in=pks)
    ]


def _score(at: Moment, store_id: int, kind: str, mean: Any) -> Shown:
    query = f"month={at.month}&kind={kind}&store={store_id}"
    return Shown("index", mean or NOTHING, f"{reverse('satisfaction:responses')}?{query}", is_provisional=True)


def _cell(number: int, tab: str, store_id: int) -> dict[str, Any]:
    return {"number": number, "url": link("complaints:list", tab=tab, store=store_id) if number else ""}


def _tickets(at: Moment, pks: list[int]) -> dict[int, dict[str, int]]:
    """{store: {tab: tickets}}, one query a tab."""
    found: dict[int, dict[str, int]] = {pk: {} for pk in pks}
    for tab in TABS:
        rows = queries.FIGURES[tab].rows(at.user, at.now).filter(store_id__in=pks).order_by()
        for row in rows.values("store_id").annotate(n=Count("pk")):
            found[row["store_id"]][tab] = row["n"]
    return found

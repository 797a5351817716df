"""For the director: the stores side by side."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.accounts.models import Role, Store
from crm_site.core.figures import Scope
from crm_site.dashboard.blocks.base import Block, Moment, link
from satisfaction.models import Questionnaire
from satisfaction.queries.tables import by_store

SALES, SERVICE = Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE


def stores(at: Moment) -> Block | None:
    """Scores of the month, tickets open and overdue, complaints received this month: a line for each store."""
    pks = at.stores_as(Role.DIRECTOR)
    if not pks:
        return None
    return Block(
        "stores",
        _("Stores side by side"),
        note=str(at.month),
        template="dashboard/stores.html",
        context={"rows": _rows(at, pks)},
    )


def _rows(at: Moment, pks: list[int]) -> list[dict[str, Any]]:
    scores = {kind: by_store(Scope.of_month(pks, at.month, kind=str(kind))) for kind in (SERVICE, SALES)}
    tickets = _tickets(at, pks)
    return [
        {
            "store": store,
            "scores": [_score(at, store.pk, kind, scores[kind].get(store.pk)) for kind in (SERVICE, SALES)],
            **{tab: _cell(tickets.get(store.pk, {}).get(tab, 0), tab, store.pk) for tab in ("open", "overdue")},
        }
        for store in Store.objects.filter(pk__in=pks)
    ]


def _score(at: Moment, store_id: int, kind: str, mean: Any) -> dict[str, Any]:
    query = f"month={at.month}&kind={kind}&store={store_id}"
    return {"mean": mean, "url": f"{reverse('satisfaction:responses')}?{query}"}


def _cell(number: int, tab: str, store_id: int) -> dict[str, Any]:
    return {"number": number, "url": link("complaints:list", tab=tab, store=store_id) if number else ""}


def _tickets(at: Moment, pks: list[int]) -> dict[int, dict[str, int]]:
    """{store: {open, overdue}}, in one query."""
    rows = Complaint.objects.visible_to(at.user).filter(store_id__in=pks).open().order_by()
    late = Q(due_at__lt=at.now, paused_at=None)
    found = rows.values("store_id").annotate(open=Count("pk"), overdue=Count("pk", filter=late))
    return {row["store_id"]: row for row in found}

"""Which tickets a page shows: the rows of a tab of the desk or of a period's figure, narrowed by the filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from complaints import queries
from complaints.models import Complaint
from complaints.queries.desk import RARE
from complaints.queries.period import PERIOD
from complaints.views.chips import chips, without
from complaints.views.filters import OF_PERIOD, Filters
from complaints.views.lens import Lens, lens_of
from crm_site.accounts import policy
from crm_site.core.figures import Figure

TABS = tuple(queries.FIGURES)
PAST = "historical"
OPEN = "open"


@dataclass
class Selection:
    """The rows that one address asks for, and how the page says what they are."""

    request: HttpRequest
    now: datetime

    @cached_property
    def filters(self) -> Filters:
        """The filters of the address."""
        return Filters(self.request, self.now)

    @cached_property
    def figure(self) -> Figure | None:
        """The figure of a period whose rows are wanted; only for who may see such figures."""
        if not policy.allows(self.request.user, "complaints.learn"):
            return None
        return PERIOD.get(self.request.GET.get("figure", ""))

    @cached_property
    def lens(self) -> Lens:
        """The period of the figure."""
        return lens_of(self.request, self.now)

    @cached_property
    def tab(self) -> str:
        """The desk's figure; '' where a period's figure or a number is looked at."""
        if self.figure is not None or self.filters.chosen.get("number"):
            return ""
        tab = self.request.GET.get("tab", "")
        return tab if tab in TABS else OPEN

    @cached_property
    def rows(self) -> queries.Rows:
        """The tickets; a number is looked for among all of them, whatever figure they belong to."""
        return self.filters.narrow(self._found(), of_period=self.figure is not None)

    def _found(self) -> queries.Rows:
        if self.figure is not None:
            return self.figure.rows(self.lens.scope)
        if self.tab:
            return queries.FIGURES[self.tab].rows(self.request.user, self.now)
        return Complaint.objects.visible_to(self.request.user)

    # ---- what the page says of it -----------------------------------------------------------------------------------

    def fields(self) -> list[dict[str, Any]]:
        """The filter bar's fields."""
        return self.filters.fields_of_period() if self.figure is not None else self.filters.fields()

    def hidden(self) -> list[tuple[str, str]]:
        """What the filter bar keeps besides its own fields."""
        shown = {field["name"] for field in self.fields()}
        kept = [(name, value) for name, value in self.filters.chosen.items() if name not in shown]
        if self.figure is not None:
            return [("figure", self.figure.code), *kept]
        return [*([("tab", self.tab)] if self.tab not in ("", OPEN) else []), *kept]

    def chips(self) -> list[dict[str, str]]:
        """The period's figure, and the filters that links have set."""
        if self.figure is None:
            return chips(self.filters, but=OF_PERIOD)
        label = f"{self.figure.label} · {self.lens.title}"
        first = {"label": label, "url": without(self.request, "figure", *OF_PERIOD)}
        return [first, *chips(self.filters, but=(*OF_PERIOD[:2], "first", "last"))]

    @property
    def clear_url(self) -> str:
        """All of the figure, without filters; '' where none is set."""
        if not set(self.filters.chosen) - (set(OF_PERIOD) if self.figure is not None else set()):
            return ""
        if self.figure is not None:
            return self.lens.list_url(self.figure.code)
        return f"{self.request.path}?tab={self.tab or OPEN}"

    def figures(self, page: str) -> list[dict[str, Any]]:
        """The desk's figures as tabs of a page."""
        numbers = queries.counts(self.request.user, self.now)
        url = reverse(f"complaints:{page}")
        return [
            {
                "label": figure.label,
                "value": numbers[code],
                "note": figure.note,
                "url": f"{url}?tab={code}",
                "current": code == self.tab,
                "kind": figure.kind if numbers[code] else "",
            }
            for code, figure in queries.FIGURES.items()
            if code not in RARE or numbers[code] or self.tab == code
        ]

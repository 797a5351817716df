"""One figure, one definition: what a tile, chart, table, workbook and drill-down list of the same number share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise, lazy

from crm_site.core.dates import Month, month_of


@dataclass(frozen=True)
class Scope:
    """What a figure is asked for: which stores, the days start ≤ day < end, and filters by code."""

    stores: tuple[int, ...]
    start: date
    end: date
    filters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_month(cls, stores: list[int] | tuple[int, ...], month: Month, **filters: Any) -> Scope:
        """One calendar month of some stores."""
        return cls(tuple(stores), month.start, month.end, filters)

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - timedelta(days=1)

    @property
    def month(self) -> Month:
        """The month in which the period begins."""
        return month_of(self.start)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a filter; `default` where it is not set."""
        return self.filters.get(name, default)

    def having(self, **filters: Any) -> Scope:
        """The same period and stores with some filters set anew; None takes a filter away."""
        merged = {**self.filters, **filters}
        return replace(self, filters={name: value for name, value in merged.items() if value is not None})

    def during(self, first: Month, last: Month | None = None) -> Scope:
        """The same question asked about the months first…last (one month unless told)."""
        return replace(self, start=first.start, end=(last or first).end)


@dataclass(frozen=True)
class Figure:
    """A number with its name, its formula in words, the rows it comes from and how it follows from them.

    The rest is what the metric dictionary says of it beside the formula: in what it is told, which rows count, which
    are left out, how its interval is made, and on which rule it rests. Numbers in these words come from the constants
    that compute, see `told`.
    """

    code: str
    label: str | Promise
    formula: str | Promise
    rows: Callable[[Scope], QuerySet]
    value: Callable[[QuerySet], Any]
    unit: str | Promise = ""
    population: str | Promise = ""
    exclusions: str | Promise = ""
    method: str | Promise = ""
    source: str | Promise = ""

    def of(self, scope: Scope) -> Any:
        """The figure for a scope; computed from exactly the rows that its list shows."""
        return self.value(self.rows(scope))


def told(sentence: str | Promise, **values: Callable[[], object]) -> str | Promise:
    """A sentence filled with constants, which are read each time it is shown: the words cannot lag behind the code.

    `told(_("fewer than %(n)d answers"), n=lambda: rules.ENOUGH)`.
    """
    return lazy(lambda: str(sentence) % {name: read() for name, read in values.items()}, str)()

"""What an indicator is: a figure over rows that carry `hit`, so that the number and its two lists cannot differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When

from crm_site.core.figures import Figure, Scope
from satisfaction.rules import Rate, rate_of

#: what a figure is: a share of its rows, or a number of them
RATE, COUNT = "rate", "count"
#: which side of its target is good; '' = only watched
MORE, LESS = "more", "less"


@dataclass(frozen=True)
class Indicator(Figure):
    """A figure of domain 4.5; `rows` carry `hit` (1: counted above the line, 0: below it only) where it is a rate."""

    kind: str = RATE
    #: which side of the target is good
    better: str = ""
    #: whether it can be asked of the calls of one role
    by_role: bool = True
    #: a line that explains the one above it, without a target of its own
    is_second: bool = False
    #: as of today, whatever the period
    is_stock: bool = False

    def part(self, scope: Scope, part: str) -> QuerySet:
        """The rows behind a number: "hit" = the numerator, "rest" = the others, anything else = all of them."""
        rows = self.rows(scope)
        return rows.filter(hit=int(part == "hit")) if self.kind == RATE and part in ("hit", "rest") else rows


def rate(rows: QuerySet) -> Rate:
    """The share of rows with `hit`; one query."""
    found = rows.order_by().aggregate(n=Count("pk"), hits=Sum("hit"))
    return rate_of(found["hits"] or 0, found["n"])


def count(rows: QuerySet) -> int:
    """How many rows."""
    return rows.count()


def hit(condition: Q | Any) -> Case:
    """1 where a condition holds, else 0; as an annotation."""
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def hitting(rows: Callable[[Scope], QuerySet], condition: Callable[[Scope], Q]) -> Callable[[Scope], QuerySet]:
    """Rows with `hit` by a condition of the scope."""
    return lambda scope: rows(scope).annotate(hit=hit(condition(scope)))

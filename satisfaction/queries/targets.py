"""The targets that hold in a month, read once for a whole page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from crm_site.core.figures import Scope
from satisfaction.models import Target
from satisfaction.rules import targets as rules


@dataclass(frozen=True)
class Book:
    """The targets of one kind for some stores up to a month."""

    rows: tuple[Target, ...]
    month: date
    #: the one store that is looked at; None where several are added up, to which the company's targets apply
    store_id: int | None

    def row(self, figure: str, *, part: str = "", store_id: int | None = None) -> Target | None:
        """The target of a figure that holds, for one store of several where told; None without one."""
        asked = store_id if store_id is not None else self.store_id
        return rules.holding(self.rows, store_id=asked, figure=figure, part=part, month=self.month)

    def value(self, figure: str, *, part: str = "", store_id: int | None = None) -> Decimal | None:
        """What a figure is to reach; None where nobody has said."""
        found = self.row(figure, part=part, store_id=store_id)
        return found.value if found else None


def target_book(stores: Iterable[int], kind: str, month: date) -> Book:
    """The targets of a kind that hold for some stores in the month that begins with `month`; one query."""
    keys = tuple(stores)
    rows = Target.objects.filter(Q(store=None) | Q(store_id__in=keys), kind=kind, since__lte=month)
    return Book(tuple(rows), month, keys[0] if len(keys) == 1 else None)


def targets_of(scope: Scope) -> Book:
    """The targets that a scope is held against: those of its last month."""
    return target_book(scope.stores, str(scope.get("kind", "")), scope.last.replace(day=1))

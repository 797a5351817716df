"""What other numbers would do to the classes of customers: who would move from where to where, without writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from customers.classed import COLUMNS
from customers.models import Customer
from customers.rules.definitions import VALUE
from revisits.classes import Basis, Found, found_for

#: customers that are reckoned twice for one look; of more every so-manyth
LOOKED_AT = 2_000


@dataclass(frozen=True)
class Effect:
    """{(class now, class then): customers} of those that were looked at, and how many there are."""

    moves: Mapping[tuple[str, str], int]
    looked_at: int
    customers: int

    @property
    def is_sample(self) -> bool:
        """Whether only some were looked at."""
        return self.looked_at < self.customers

    def of_all(self, number: int) -> int:
        """A figure of the sample carried over to all."""
        return round(number * self.customers / self.looked_at) if self.looked_at else 0

    @property
    def moved(self) -> int:
        """How many would move, of all."""
        return self.of_all(sum(self.moves.values()))


def effect(store_ids: Sequence[int], scheme: str, numbers: Mapping[str, int], today: date) -> Effect:
    """What the numbers of a scheme would do in some stores, against the numbers that hold there now."""
    moves: Counter[tuple[str, str]] = Counter()
    looked = customers = 0
    for store_id in store_ids:
        rows = Customer.objects.standing().filter(store_id=store_id)
        rows = rows.filter(value_stated=False) if scheme == VALUE else rows
        everybody = list(rows.order_by("pk").values_list("pk", flat=True))
        some = everybody[:: max(1, -(-len(everybody) * len(store_ids) // LOOKED_AT))]
        basis = Basis.of(store_id, today)
        then = replace(basis, numbers={**basis.numbers, scheme: numbers})
        before, after = _classes(found_for(basis, some), scheme), _classes(found_for(then, some), scheme)
        moves.update((before[pk], after[pk]) for pk in some if before[pk] != after[pk])
        looked, customers = looked + len(some), customers + len(everybody)
    return Effect(dict(moves), looked, customers)


def _classes(found: Found, scheme: str) -> dict[int, str]:
    return {pk: getattr(one, COLUMNS[scheme]) for pk, one in getattr(found, scheme).items()}

"""Which occasions of a batch are for members of a segment only, or for all but them; asked once for each segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from customers import filtering
from customers.models import Customer, Segment
from revisits.generator.context import Context
from revisits.generator.occasions import Occasion
from revisits.rules import conditions


class Segments:
    """The members of the segments that rules ask for, among the customers of one batch."""

    def __init__(self, context: Context, batch: Sequence[Occasion]) -> None:
        self.context = context
        self.customer_ids = {one.customer_id for one in batch if one.customer_id}
        self._members: dict[int, frozenset[int]] = {}

    def bars(self, terms: Mapping[str, Any], occasion: Occasion) -> bool:
        """Whether a rule with these conditions leaves the occasion out because of its segment."""
        wanted = conditions.segment_of(terms)
        if wanted is None:
            return False
        is_member = occasion.customer_id in self._of(wanted.segment_id)
        return is_member != wanted.is_in

    def _of(self, segment_id: int) -> frozenset[int]:
        if segment_id not in self._members:
            self._members[segment_id] = self._look_up(segment_id)
        return self._members[segment_id]

    def _look_up(self, segment_id: int) -> frozenset[int]:
        """Who of the batch belongs today; nobody to a segment of another store."""
        store_id = self.context.store.pk
        segment = Segment.objects.filter(pk=segment_id, store_id=store_id).first()
        if segment is None or not self.customer_ids:
            return frozenset()
        rows = Customer.objects.standing().filter(store_id=store_id, pk__in=self.customer_ids)
        query = filtering.parse(segment.query)
        found = filtering.narrow(rows, query, today=self.context.today, stores=[store_id])
        return frozenset(found.order_by().values_list("pk", flat=True))

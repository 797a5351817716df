"""Puts customers into the classes of a scheme as the rules have found them, and keeps the changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction

from crm_site.core.sql import update_rows
from customers.models import ClassChange, Customer
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE

#: in place of a rule: a person or list has said so
STATED = "stated"


class _Columns(NamedTuple):
    """Where a scheme stands on the card: class, since when, by which rule; what else is found; who is left alone."""

    place: str
    since: str
    because: str
    more: tuple[str, ...] = ()
    #: says that a person or list has stated the class: only what else is found is written
    stated: str = ""

    @property
    def written(self) -> tuple[str, ...]:
        """The columns that are written."""
        return (self.place, self.since, self.because, *self.more)


_SCHEMES = {
    LOYALTY: _Columns("loyalty_class", "loyalty_since", "loyalty_because"),
    LIFECYCLE: _Columns("lifecycle", "lifecycle_since", "lifecycle_because"),
    VALUE: _Columns("value_class", "value_since", "value_because", ("value_share", "potential"), "value_stated"),
}


@transaction.atomic
def set_classes(store_id: int, scheme: str, found: Mapping[int, Sequence[Any]], *, on: date) -> int:
    """Write {customer's key: (class, code of the rule)} of a scheme as of a day; gives how many moved.

    Of the value class each entry goes on with share and potential; a stated class is left. Two queries where nothing
    changes. `since` moves with the class; another rule for the same class changes only the reason. One change a
    customer, scheme and day is kept: where it led back, none. Nobody edits these columns in a form that counts
    versions, so none is counted.
    """
    columns = _SCHEMES[scheme]
    names = (*columns.written, *filter(None, (columns.stated,)))
    rows = Customer.objects.select_for_update(no_key=True).filter(store_id=store_id, pk__in=sorted(found))
    changed, moved = [], []
    for pk, before, stood_since, because, *rest in rows.order_by("pk").values_list("pk", *names):
        after, why, *more = found[pk]
        if columns.stated and rest[-1]:
            after, why = before, STATED
        if [before, because, *rest[: len(more)]] == [after, why, *more]:
            continue
        since = stood_since
        if before != after:
            since = on if after else None
            change = ClassChange(store_id=store_id, customer_id=pk, scheme=scheme, changed_on=on)
            change.before, change.after, change.because = before, after, why
            moved.append(change)
        changed.append((pk, after, since, why, *more))
    update_rows(Customer, columns.written, changed)
    _keep(moved, scheme, on)
    return len(moved)


def _keep(moved: list[ClassChange], scheme: str, on: date) -> None:
    """Keep the changes of a day; a second one of the same customer goes on from where the day began."""
    if not moved:
        return
    known = ClassChange.objects.filter(customer__in=[one.customer_id for one in moved], scheme=scheme, changed_on=on)
    earlier = {one.customer_id: one for one in known}
    again = [(one, earlier[one.customer_id]) for one in moved if one.customer_id in earlier]
    ClassChange.objects.bulk_create([one for one in moved if one.customer_id not in earlier], batch_size=1000)
    for new, old in again:
        if old.before == new.after:
            old.delete()
        else:
            ClassChange.objects.filter(pk=old.pk).update(after=new.after, because=new.because)

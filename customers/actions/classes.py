"""Puts customers into their class (忠诚/一般/抱怨/流失) as a higher room has found it, and keeps the changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from crm_site.core.sql import update_rows
from customers.models import ClassChange, Customer

COLUMNS = ("loyalty_class", "loyalty_since", "loyalty_because")


@transaction.atomic
def set_classes(store_id: int, found: Mapping[int, tuple[str, str]], *, on: date) -> int:
    """Write {customer's key: (class, code of the rule)} as of a day; gives how many moved to another class.

    Two queries where nothing changes. `since` moves with the class; another rule for the same class changes only the
    reason. One change a customer and day is kept: where it led back, none. Nobody edits these columns, so no version.
    """
    rows = Customer.objects.select_for_update(no_key=True).filter(store_id=store_id, pk__in=sorted(found))
    rows = rows.order_by("pk").only("pk", *COLUMNS)
    changed, moved = [], []
    for customer in rows:
        before, (after, because) = customer.loyalty_class, found[customer.pk]
        if (before, customer.loyalty_because) == (after, because):
            continue
        since = customer.loyalty_since if before == after else on if after else None
        changed.append((customer.pk, after, since, because))
        if before != after:
            moved.append(
                ClassChange(
                    store_id=store_id, customer=customer, before=before, after=after, because=because, changed_on=on
                )
            )
    update_rows(Customer, COLUMNS, changed)
    _keep(moved, on)
    return len(moved)


def _keep(moved: list[ClassChange], on: date) -> None:
    """Keep the changes of a day; a second one of the same customer goes on from where the day began."""
    known = ClassChange.objects.filter(customer__in=[one.customer_id for one in moved], scheme="loyalty", changed_on=on)
    earlier = {one.customer_id: one for one in known}
    again = [(one, earlier[one.customer_id]) for one in moved if one.customer_id in earlier]
    ClassChange.objects.bulk_create([one for one in moved if one.customer_id not in earlier], batch_size=1000)
    for new, old in again:
        if old.before == new.after:
            old.delete()
        else:
            ClassChange.objects.filter(pk=old.pk).update(after=new.after, because=new.because)

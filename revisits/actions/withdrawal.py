"""Withdrawing calls that nobody has worked on, because the facts that they were made for are about to be removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from crm_site.audit import trail
from crm_site.imports.models import ImportBatch
from customers.models import Customer, Delivery, RepairOrder, Vehicle
from revisits.generator.forecasts import forget
from revisits.models import CallAttempt, Revisit, RevisitOrder, Skip

#: keys of one statement, which SQLite limits
AT_ONCE = 5_000

Rows = Mapping[str, Sequence[int]]

_DELIVERY, _ORDER = Delivery._meta.label_lower, RepairOrder._meta.label_lower
_VEHICLE, _CUSTOMER = Vehicle._meta.label_lower, Customer._meta.label_lower
#: how the occasions of a fact are spelled in a skip
_PREFIXES = {_DELIVERY: "delivery:", _ORDER: "order:"}


@transaction.atomic
def withdraw(batch: ImportBatch, rows: Rows, *, now: datetime) -> int:
    """Remove the calls and skips made for rows that an undo is about to remove; gives how many calls.

    `rows` are keys by model label, such as {"customers.delivery": [12, 13]}; what the batch only changed stays, and the
    next run of the generator looks at it. Untouched means: no attempt was made and nobody holds the call. Calls that
    somebody has worked on stay, and with them the fact that they point to.
    """
    rows = _made_by(batch, rows)
    count = sum(_withdraw(calls, now) for calls in _calls_of(batch.store_id, rows))
    _forget_covered(rows.get(_ORDER, ()), now)
    _forget_skips(batch.store_id, rows)
    if count:
        trail.record(None, "revisits.withdrawn", batch, store_id=batch.store_id, calls=count)
    return count


def _made_by(batch: ImportBatch, rows: Rows) -> dict[str, list[int]]:
    """Those of the rows that an import has made itself."""
    return {
        model._meta.label_lower: [
            key
            for part in _parts(rows.get(model._meta.label_lower, ()))
            for key in model.objects.filter(batch=batch, pk__in=part).values_list("pk", flat=True)
        ]
        for model in (Delivery, RepairOrder, Vehicle, Customer)
    }


def _calls_of(store_id: int, rows: Rows) -> Iterator[QuerySet[Revisit]]:
    """The calls made for the rows: for deliveries and orders; for cars and customers only those without such a fact."""
    calls = Revisit.objects.filter(store_id=store_id)
    standing_alone = calls.filter(delivery=None, repair_order=None, complaint=None)
    for keys in _parts(rows.get(_DELIVERY, ())):
        yield calls.filter(delivery_id__in=keys)
    for keys in _parts(rows.get(_ORDER, ())):
        yield calls.filter(repair_order_id__in=keys)
    for keys in _parts(rows.get(_VEHICLE, ())):
        yield standing_alone.filter(vehicle_id__in=keys)
    for keys in _parts(rows.get(_CUSTOMER, ())):
        yield standing_alone.filter(customer_id__in=keys)


def _withdraw(calls: QuerySet[Revisit], now: datetime) -> int:
    """Remove the untouched ones of some calls; locked first, so that nobody takes one meanwhile."""
    free = _untouched(calls, now).order_by("pk").select_for_update()
    ids = list(free.values_list("pk", flat=True))
    return forget(ids)


def _untouched(calls: QuerySet[Revisit], now: datetime) -> QuerySet[Revisit]:
    called = CallAttempt.objects.filter(revisit=OuterRef("pk"))
    return calls.filter(Q(claimed_by=None) | Q(lease_until__lt=now), ~Exists(called))


def _forget_covered(order_ids: Iterable[int], now: datetime) -> None:
    """Further orders of a call that stands for another one are asked about no more; a call that was made keeps them."""
    for keys in _parts(order_ids):
        standing = _untouched(Revisit.objects.filter(pk=OuterRef("revisit_id")), now)
        RevisitOrder.objects.filter(Exists(standing), repair_order_id__in=keys).delete()


def _forget_skips(store_id: int, rows: Rows) -> None:
    """The reasons for which the facts, cars and customers made no call."""
    skips = Skip.objects.filter(store_id=store_id)
    for label, prefix in _PREFIXES.items():
        for keys in _parts(rows.get(label, ())):
            skips.filter(anchor_key__in=[f"{prefix}{key}" for key in keys]).delete()
    days_to_come = skips.filter(Q(anchor_key__startswith="vehicle:") | Q(anchor_key__startswith="customer:"))
    for keys in _parts(rows.get(_VEHICLE, ())):
        days_to_come.filter(vehicle_id__in=keys).delete()
    for keys in _parts(rows.get(_CUSTOMER, ())):
        days_to_come.filter(customer_id__in=keys).delete()


def _parts(keys: Iterable[int]) -> Iterator[list[int]]:
    """The keys in parts that one statement can hold."""
    left = iter(sorted(keys))
    while part := list(islice(left, AT_ONCE)):
        yield part

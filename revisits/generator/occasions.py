"""Where occasions come from: for each anchor, the facts that may need a call and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Exists, Expression, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from complaints.models import Complaint
from complaints.models import State as ComplaintState
from complaints.queries import awaiting_confirmation
from crm_site.core import clock
from customers.models import Delivery, JobType, OrderState, RepairOrder, SaleType
from revisits.models import Anchor, Revisit, RevisitOrder, Skip
from revisits.rules.codes import Reason
from revisits.rules.due import RECORDED_LATE_DAYS

EXCLUDED_JOB_TYPES = (JobType.PDI, JobType.FREE_CHECK, JobType.WASH, JobType.INTERNAL)
EXCLUDED_SALE_TYPES = (SaleType.RESELLER, SaleType.DEMO)
#: facts older than this are history, whenever they were imported: not even a skip is written
LOOK_BACK_DAYS = 400


@dataclass(frozen=True)
class Occasion:
    """One fact as the generator sees it."""

    fact_id: int
    anchor_key: str
    anchor_on: date
    recorded_on: date
    vehicle_id: int | None
    vehicle_state: str
    customer_id: int | None
    customer_name: str
    restricted: bool
    #: why the fact is never an occasion: historical, or of an excluded kind
    excluded: Reason | None = None
    delivery_id: int | None = None
    repair_order_id: int | None = None
    complaint_id: int | None = None
    picker: str = ""
    bringer: str = ""
    bringer_phone: str = ""


@dataclass(frozen=True)
class Source:
    """The facts behind one anchor."""

    facts: Callable[[int], QuerySet]
    #: the field that holds the anchor day, or moment
    day: str
    key: Expression
    columns: tuple[str, ...]
    read: Callable[[dict[str, Any]], Occasion]
    #: whether visits of one car within a few days are one call
    merges: bool = False
    day_is_moment: bool = False


def candidates(
    source: Source, store_id: int, rule_ids: Iterable[int], *, first: date, last: date, today: date
) -> list[int]:
    """Ids of the facts anchored on first…last that have no task of the rule yet, by vehicle and day.

    Facts that are older but were only just learned come along once: they become a skip that says so.
    """
    keyed = source.facts(store_id).annotate(anchor_key=source.key)
    same = {"store_id": store_id, "rule_id__in": list(rule_ids), "anchor_key": OuterRef("anchor_key")}
    wanted = Q(**_range(source, first, last)) & ~Exists(Revisit.objects.filter(**same))
    if source.merges:
        wanted &= ~_covered(rule_ids)
    if not source.day_is_moment:
        newly_learned = Q(recorded_on__gte=today - timedelta(days=RECORDED_LATE_DAYS))
        before = _range(source, first - timedelta(days=LOOK_BACK_DAYS), first - timedelta(days=1))
        wanted |= (
            Q(**before) & newly_learned & ~Exists(Skip.objects.filter(**same)) & ~Exists(Revisit.objects.filter(**same))
        )
    return list(keyed.filter(wanted).order_by("vehicle_id", source.day, "pk").values_list("pk", flat=True))


def read(source: Source, store_id: int, rule_ids: Iterable[int], ids: list[int]) -> Iterator[Occasion]:
    """The occasions of these facts that still have no task (another generator may have been faster)."""
    same = {"store_id": store_id, "rule_id__in": list(rule_ids), "anchor_key": OuterRef("anchor_key")}
    rows = source.facts(store_id).filter(pk__in=ids).annotate(anchor_key=source.key)
    rows = rows.filter(~Exists(Revisit.objects.filter(**same))).order_by("vehicle_id", source.day, "pk")
    if source.merges:
        rows = rows.filter(~_covered(rule_ids))
    return map(source.read, rows.values("pk", "anchor_key", *source.columns))


def _covered(rule_ids: Iterable[int]) -> Exists:
    """An order that a call of the rule covers too; nested rather than joined, so that both steps go by their index."""
    call = Revisit.objects.filter(pk=OuterRef("revisit_id"), rule_id__in=list(rule_ids))
    return Exists(RevisitOrder.objects.filter(Exists(call), repair_order=OuterRef("pk")))


def of(anchor: str, *, rework_apart: bool) -> Source | None:
    """The source of an anchor; `rework_apart` says that rework has a rule of its own. None: not made yet."""
    if anchor == Anchor.ORDER and not rework_apart:
        return _ALL_ORDERS
    return _SOURCES.get(anchor)


def _range(source: Source, first: date, last: date) -> dict[str, Any]:
    if source.day_is_moment:
        start, end = clock.day_bounds(first, last)
        return {f"{source.day}__gte": start, f"{source.day}__lt": end}
    return {f"{source.day}__range": (first, last)}


def _key(*parts: str) -> Expression:
    """anchor_key as the database spells it: texts, and fields behind a colon-free '@'."""
    spelled = [Cast(part[1:], CharField()) if part.startswith("@") else Value(part) for part in parts]
    return Concat(*spelled, output_field=CharField())


# ---- deliveries ------------------------------------------------------------------------------------------------------


def _deliveries(store_id: int) -> QuerySet:
    return Delivery.objects.filter(store_id=store_id)


def _delivery(row: dict[str, Any]) -> Occasion:
    excluded = None
    if row["historical"]:
        excluded = Reason.HISTORICAL
    elif row["sale_type"] in EXCLUDED_SALE_TYPES:
        excluded = Reason.EXCLUDED_SALE_TYPE
    elif row["returned_on"]:
        excluded = Reason.RETURNED
    return Occasion(
        **_common(row, row["delivered_on"], row["recorded_on"]),
        excluded=excluded,
        delivery_id=row["pk"],
        picker=row["picked_up_by"],
    )


# ---- repair orders ---------------------------------------------------------------------------------------------------

_REWORK = Q(is_rework=True) | Q(job_type=JobType.REWORK)


def _released(store_id: int) -> QuerySet:
    return RepairOrder.objects.filter(store_id=store_id, state=OrderState.SETTLED, released_on__isnull=False)


def _order(row: dict[str, Any]) -> Occasion:
    excluded = None
    if row["historical"]:
        excluded = Reason.HISTORICAL
    elif row["job_type"] in EXCLUDED_JOB_TYPES:
        excluded = Reason.EXCLUDED_JOB_TYPE
    return Occasion(
        **_common(row, row["released_on"], row["recorded_on"]),
        excluded=excluded,
        repair_order_id=row["pk"],
        bringer=row["bringer_name"],
        bringer_phone=row["bringer_phone"],
    )


# ---- complaints ------------------------------------------------------------------------------------------------------


def _solved(store_id: int) -> QuerySet:
    return awaiting_confirmation(store_id).filter(solved_at__isnull=False)


def _closed(store_id: int) -> QuerySet:
    return Complaint.objects.filter(store_id=store_id, state=ComplaintState.CLOSED)


def _complaint(row: dict[str, Any]) -> Occasion:
    day = clock.business_day(row.get("solved_at") or row["closed_at"])
    return Occasion(
        **_common(row, day, day),
        excluded=Reason.HISTORICAL if row["historical"] else None,
        complaint_id=row["pk"],
    )


def _common(row: dict[str, Any], anchor_on: date, recorded_on: date) -> dict[str, Any]:
    return {
        "fact_id": row["pk"],
        "anchor_key": row["anchor_key"],
        "anchor_on": anchor_on,
        "recorded_on": recorded_on,
        "vehicle_id": row["vehicle_id"],
        "vehicle_state": row["vehicle__state"] or "",
        "customer_id": row["customer_id"],
        "customer_name": row["customer__name"] or "",
        "restricted": bool(row["customer__restricted"]),
    }


_SHARED = ("vehicle_id", "vehicle__state", "customer_id", "customer__name", "customer__restricted", "historical")
_ORDER_COLUMNS = (*_SHARED, "released_on", "recorded_on", "job_type", "bringer_name", "bringer_phone")
_ORDER_KEY = _key("order:", "@pk")


def _orders(facts: Callable[[int], QuerySet]) -> Source:
    return Source(facts, "released_on", _ORDER_KEY, _ORDER_COLUMNS, _order, merges=True)


_ALL_ORDERS = _orders(_released)
_SOURCES: dict[str, Source] = {
    Anchor.DELIVERY: Source(
        _deliveries,
        "delivered_on",
        _key("delivery:", "@pk"),
        (*_SHARED, "delivered_on", "recorded_on", "sale_type", "returned_on", "picked_up_by"),
        _delivery,
    ),
    Anchor.ORDER: _orders(lambda store_id: _released(store_id).exclude(_REWORK)),
    Anchor.REWORK: _orders(lambda store_id: _released(store_id).filter(_REWORK)),
    Anchor.COMPLAINT_SOLVED: Source(
        _solved,
        "solved_at",
        _key("complaint:", "@pk", ":solved:", "@round"),
        (*_SHARED, "solved_at"),
        _complaint,
        day_is_moment=True,
    ),
    Anchor.COMPLAINT_CLOSED: Source(
        _closed,
        "closed_at",
        _key("complaint:", "@pk", ":closed:", "@round"),
        (*_SHARED, "closed_at"),
        _complaint,
        day_is_moment=True,
    ),
}

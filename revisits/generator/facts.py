"""Occasions that have happened: deliveries, repair orders, and complaints that were solved or closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from complaints.models import Complaint
from complaints.models import State as ComplaintState
from complaints.queries import awaiting_confirmation
from crm_site.core import clock
from customers.models import Delivery, JobType, OrderState, RepairOrder, SaleType
from revisits.generator.reading import Occasion, Source, at_moments, key, on_days
from revisits.models import Anchor
from revisits.rules.codes import Reason
from revisits.rules.conditions import Subject

EXCLUDED_JOB_TYPES = (JobType.PDI, JobType.FREE_CHECK, JobType.WASH, JobType.INTERNAL)
EXCLUDED_SALE_TYPES = (SaleType.RESELLER, SaleType.DEMO)

# ---- deliveries ------------------------------------------------------------------------------------------------------


def _deliveries(store_id: int) -> QuerySet:
    return Delivery.objects.filter(store_id=store_id)


def delivery(row: dict[str, Any]) -> Occasion:
    """The occasion of a delivery, out of its columns."""
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
        subject=_subject(row, sale_type=row["sale_type"]),
        delivery_id=row["pk"],
        picker=row["picked_up_by"],
    )


# ---- repair orders ---------------------------------------------------------------------------------------------------

#: ticked, named so, or detected by the guarantee period (返修)
_REWORK = Q(is_rework=True) | Q(job_type=JobType.REWORK) | Q(rework_of__isnull=False)


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
        subject=_subject(row, job_type=row["job_type"]),
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
        subject=_subject(row),
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
        "consent": bool(row["customer__marketing_consent"]),
        "refuses_marketing": row["customer__marketing_consent"] is False,
    }


def _subject(row: dict[str, Any], **own: str) -> Subject:
    """What a rule may ask about the fact; of a fact without a car nothing is asked about the car."""
    if row["vehicle_id"] is None:
        return Subject(**own)
    return Subject(series=row["vehicle__series"], power=row["vehicle__power"], **own)


_SHARED = (
    "vehicle_id", "vehicle__state", "vehicle__series", "vehicle__power", "historical",
    "customer_id", "customer__name", "customer__restricted", "customer__marketing_consent",
)  # fmt: skip
DELIVERY_COLUMNS = (*_SHARED, "delivered_on", "recorded_on", "sale_type", "returned_on", "picked_up_by")
_ORDER_COLUMNS = (*_SHARED, "released_on", "recorded_on", "job_type", "bringer_name", "bringer_phone")


def _same_day(day: date) -> date:
    return day


def _orders(facts: Callable[[int], QuerySet]) -> Source:
    return Source(
        facts=facts,
        within=on_days("released_on"),
        key=key("order:", "@pk"),
        columns=_ORDER_COLUMNS,
        read=_order,
        day_columns=("released_on",),
        anchor_day=_same_day,
        order=("vehicle_id", "released_on", "pk"),
        merges=True,
        told=True,
    )


def _complaints(facts: Callable[[int], QuerySet], moment: str, word: str) -> Source:
    return Source(
        facts=facts,
        within=at_moments(moment),
        key=key("complaint:", "@pk", f":{word}:", "@round"),
        columns=(*_SHARED, moment),
        read=_complaint,
        day_columns=(moment,),
        anchor_day=clock.business_day,
    )


#: where rework has no rule of its own it is asked like any visit
ALL_ORDERS = _orders(_released)
FACTS: dict[str, Source] = {
    Anchor.DELIVERY: Source(
        facts=_deliveries,
        within=on_days("delivered_on"),
        key=key("delivery:", "@pk"),
        columns=DELIVERY_COLUMNS,
        read=delivery,
        day_columns=("delivered_on",),
        anchor_day=_same_day,
        order=("vehicle_id", "delivered_on", "pk"),
        told=True,
    ),
    Anchor.ORDER: _orders(lambda store_id: _released(store_id).exclude(_REWORK)),
    Anchor.REWORK: _orders(lambda store_id: _released(store_id).filter(_REWORK)),
    Anchor.COMPLAINT_SOLVED: _complaints(_solved, "solved_at", "solved"),
    Anchor.COMPLAINT_CLOSED: _complaints(_closed, "closed_at", "closed"),
}

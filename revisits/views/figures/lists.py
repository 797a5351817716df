"""How the rows behind a figure are shown: one line a row, whatever table it is of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.models import Complaint
from crm_site.core import formats
from customers.models import Booking, Customer, Delivery, RepairOrder, Vehicle
from revisits.lines import origin, state_status
from revisits.models import CallAttempt, Revisit
from satisfaction.models import Response


@dataclass(frozen=True)
class RowLine:
    """One row behind a figure."""

    day: date | None
    customer: Customer | None
    car: Vehicle | None
    what: str
    note: str
    status: dict[str, str]
    url: str
    #: whether it counts above the line; None where there is no such thing
    counts: bool | None


@dataclass(frozen=True)
class Shape:
    """How the rows of one table are read and told."""

    order: tuple[str, ...]
    related: tuple[str, ...]
    tell: Callable[[Any, date], dict[str, Any]]


def loaded(rows: QuerySet) -> QuerySet:
    """The rows with what their lines show."""
    return rows.select_related(*SHAPES[rows.model].related)


def order(rows: QuerySet) -> list[str]:
    """The order in which the rows are listed."""
    return list(SHAPES[rows.model].order)


def line(row: models.Model, today: date) -> RowLine:
    """One row as a line."""
    told = {"customer": None, "car": None, "note": "", "status": {}, "url": ""} | SHAPES[type(row)].tell(row, today)
    hit = getattr(row, "hit", None)
    return RowLine(counts=None if hit is None else bool(hit), **told)


def _task(row: Revisit, today: date) -> dict[str, Any]:
    return {
        "day": row.expires_on, "customer": row.customer, "car": row.vehicle, "what": row.rule.label,
        "note": origin(row), "status": state_status(row, today), "url": reverse("revisits:detail", args=[row.pk]),
    }  # fmt: skip


def _attempt(row: CallAttempt, today: date) -> dict[str, Any]:
    task = row.revisit
    return {
        "day": row.called_on, "customer": task.customer, "car": task.vehicle, "what": task.rule.label,
        "note": row.by.name, "url": reverse("revisits:detail", args=[task.pk]),
        "status": {"word": row.result.label, "kind": "ok" if row.result.reached else ""},
    }  # fmt: skip


def _customer(row: Any, today: date) -> dict[str, Any]:
    wanted = getattr(row, "wanted", None)
    filled = _("%(filled)s of %(wanted)s fields filled") % {"filled": row.filled, "wanted": wanted} if wanted else ""
    return {
        "day": None, "customer": row, "what": row.number or formats.EMPTY, "note": filled,
        "url": reverse("customers:card", args=[row.pk]),
    }  # fmt: skip


def _response(row: Response, today: date) -> dict[str, Any]:
    words = ngettext("%(count)s low answer", "%(count)s low answers", row.low_count)
    low = words % {"count": row.low_count} if row.low_count else ""
    return {
        "day": row.called_on, "customer": row.customer, "car": row.vehicle, "what": row.version.questionnaire.label,
        "note": formats.score(row.score), "url": reverse("satisfaction:response", args=[row.pk]),
        "status": {"word": low, "kind": "bad"} if low else {},
    }  # fmt: skip


def _ticket(row: Complaint, today: date) -> dict[str, Any]:
    return {
        "day": row.received_on, "customer": row.customer, "car": row.vehicle, "what": row.number,
        "note": str(row.get_kind_display()), "status": {"word": str(row.get_state_display())},
        "url": reverse("complaints:detail", args=[row.pk]),
    }  # fmt: skip


def _booking(row: Booking, today: date) -> dict[str, Any]:
    return {
        "day": row.wanted_on, "customer": row.customer, "car": row.vehicle, "what": row.what or _("Booking"),
        "status": {"word": str(row.get_state_display())}, "url": _card(row.customer_id),
    }  # fmt: skip


def _order(row: RepairOrder, today: date) -> dict[str, Any]:
    return {
        "day": row.checked_in_on, "customer": row.customer, "car": row.vehicle, "what": row.order_number,
        "note": f"{row.get_job_type_display()} · {formats.money(row.total_fee)}", "url": _card(row.customer_id),
    }  # fmt: skip


def _delivery(row: Delivery, today: date) -> dict[str, Any]:
    return {
        "day": row.delivered_on, "customer": row.customer, "car": row.vehicle, "what": _("Delivery"),
        "note": row.sales_consultant.name if row.sales_consultant else row.sales_consultant_name,
        "url": _card(row.customer_id),
    }  # fmt: skip


def _car(row: Any, today: date) -> dict[str, Any]:
    return {"day": row.seen_on, "car": row, "what": row.series, "note": row.model}


def _card(customer_id: int | None) -> str:
    return reverse("customers:card", args=[customer_id]) if customer_id else ""


SHAPES: dict[type[models.Model], Shape] = {
    Revisit: Shape(
        ("-expires_on",),
        ("customer", "vehicle", "rule", "complaint", "repair_order__service_advisor", "delivery__sales_consultant"),
        _task,
    ),
    CallAttempt: Shape(
        ("-called_on", "-started_at"),
        ("revisit__customer", "revisit__vehicle", "revisit__rule", "result", "by"),
        _attempt,
    ),
    Customer: Shape((), (), _customer),
    Response: Shape(("-called_on",), ("customer", "vehicle", "version__questionnaire"), _response),
    Complaint: Shape(("-received_on",), ("customer", "vehicle"), _ticket),
    Booking: Shape(("-wanted_on",), ("customer", "vehicle"), _booking),
    RepairOrder: Shape(("-checked_in_on",), ("customer", "vehicle"), _order),
    Delivery: Shape(("-delivered_on",), ("customer", "vehicle", "sales_consultant"), _delivery),
    Vehicle: Shape(("-seen_on",), (), _car),
}

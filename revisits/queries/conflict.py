"""Who may not make a call because they served: scores and confirmations are never asked by whom they judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints.models import Complaint
from crm_site.accounts.models import Employee
from customers.models import Delivery, RepairOrder
from revisits.models import Revisit, RevisitOrder


class Fact(Protocol):
    """A call by what it is about; Revisit has it."""

    pk: int
    delivery_id: int | None
    repair_order_id: int | None
    complaint_id: int | None


OneCall = TypeVar("OneCall", bound=Fact)


def allowed_to(by: Employee) -> Q:
    """A scored or confirming call is never made by who served or handled, unless a manager allowed it to this person.

    Nobody can allow it to the one whom the complaint is about.
    """
    return ~delicate() | ~served_by(by) | _permitted(by)


def free_for(calls: Sequence[OneCall], by: Employee) -> list[OneCall]:
    """Those of a few calls at hand that allowed_to lets this person make, in their order.

    Two to four small queries, and one more where they had a part in one of them.
    """
    served = _served_among(calls, by)
    barred = Revisit.objects.filter(delicate(), ~_permitted(by), pk__in=served).order_by()
    never = set(barred.values_list("pk", flat=True)) if served else set()
    return [call for call in calls if call.pk not in never]


def delicate() -> Q:
    """The calls that who served never makes: their answers are a score, or say whether a complaint is settled."""
    kind = "questionnaire_version__questionnaire__kind"
    return Q(complaint__isnull=False) | (Q(questionnaire_version__isnull=False) & ~Q((kind, "unscored")))


def accused_by(by: Employee) -> Q:
    """The calls about a complaint that names this person; for querysets of Revisit."""
    named = Complaint.objects.filter(Q(accused=by) | Q(liabilities__employee=by), pk=OuterRef("complaint_id"))
    return Q(Exists(named))


def served_by(by: Employee) -> Q:
    """The calls whose fact this person had a part in; for querysets of Revisit."""
    part = _had_a_part(by)
    covered = RevisitOrder.objects.filter(_worked_on("repair_order__", by), revisit=OuterRef("pk"))
    return (
        Q(Exists(part.deliveries.filter(pk=OuterRef("delivery_id"))))
        | Q(Exists(part.orders.filter(pk=OuterRef("repair_order_id"))))
        | Q(Exists(covered))
        | Q(Exists(part.complaints.filter(pk=OuterRef("complaint_id"))))
    )


def _served_among(calls: Sequence[Fact], by: Employee) -> set[int]:
    """What served_by says, of a few calls at hand: their keys."""
    part, orders_of = _had_a_part(by), _orders_of(calls)
    deliveries = _keys(part.deliveries, {call.delivery_id for call in calls})
    complaints = _keys(part.complaints, {call.complaint_id for call in calls})
    orders = _keys(part.orders, {order for orders in orders_of.values() for order in orders})
    return {
        call.pk
        for call in calls
        if call.delivery_id in deliveries or call.complaint_id in complaints or orders & orders_of[call.pk]
    }


def _orders_of(calls: Sequence[Fact]) -> dict[int, set[int | None]]:
    """{call: its order and the further ones that it covers}."""
    found: dict[int, set[int | None]] = defaultdict(set, {call.pk: {call.repair_order_id} for call in calls})
    further = RevisitOrder.objects.filter(revisit__in=list(found)).order_by()
    for call_id, order_id in further.values_list("revisit_id", "repair_order_id"):
        found[call_id].add(order_id)
    return found


def _keys(rows: QuerySet, wanted: Iterable[int | None]) -> set[int | None]:
    """Those of the keys that are among the rows; no query for none."""
    keys = [key for key in wanted if key is not None]
    return set(rows.filter(pk__in=keys).order_by().values_list("pk", flat=True)) if keys else set()


class _Part(NamedTuple):
    """The facts that a person had a part in."""

    deliveries: QuerySet[Delivery]
    orders: QuerySet[RepairOrder]
    complaints: QuerySet[Complaint]


def _had_a_part(by: Employee) -> _Part:
    """Sold or handed over, worked on, handled or named in."""
    return _Part(
        Delivery.objects.filter(Q(sales_consultant=by) | Q(delivery_specialist=by)),
        RepairOrder.objects.filter(_worked_on("", by)),
        Complaint.objects.filter(Q(handler=by) | Q(accused=by) | Q(liabilities__employee=by)),
    )


def _worked_on(path: str, by: Employee) -> Q:
    """Advisor, inspector or technician of an order at `path`."""
    return (
        Q((f"{path}service_advisor", by))
        | Q((f"{path}final_inspector", by))
        | Q((f"{path}technicians__technician", by))
    )


def _permitted(by: Employee) -> Q:
    """The calls that a manager allowed to this person, none about a complaint that names them."""
    return Q(assigned_to=by, override_by__isnull=False) & ~accused_by(by)

"""Who may not make a call because they served: scores and confirmations are never asked by whom they judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints.models import Complaint, Step
from crm_site.accounts.models import Employee
from crm_site.core.compiled import Compiled, compiled
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
    if not served:
        return list(calls)
    barred = Revisit.objects.filter(delicate(), ~_permitted(by), pk__in=served).order_by()
    never = set(barred.values_list("pk", flat=True))
    return [call for call in calls if call.pk not in never]


def delicate() -> Q:
    """The calls that who served never makes: their answers are a score, or say whether a complaint is settled."""
    kind = "questionnaire_version__questionnaire__kind"
    return Q(complaint__isnull=False) | (Q(questionnaire_version__isnull=False) & ~Q((kind, "unscored")))


def accused_by(by: Employee) -> Q:
    """The calls about a complaint that names this person; for querysets of Revisit."""
    return Q(Exists(Complaint.objects.filter(_named(by), pk=OuterRef("complaint_id"))))


def served_by(by: Employee) -> Q:
    """The calls whose fact this person had a part in; for querysets of Revisit."""
    covered = RevisitOrder.objects.filter(_worked_on("repair_order__", by), revisit=OuterRef("pk"))
    return (
        Q(Exists(_delivered(by).filter(pk=OuterRef("delivery_id"))))
        | Q(Exists(_repaired(by).filter(pk=OuterRef("repair_order_id"))))
        | Q(Exists(covered))
        | Q(Exists(_about(by).filter(pk=OuterRef("complaint_id"))))
    )


def _served_among(calls: Sequence[Fact], by: Employee) -> set[int]:
    """What served_by says, of a few calls at hand: their keys."""
    orders_of = _orders_of(calls)
    deliveries = _keys(_of_delivered, by, {call.delivery_id for call in calls})
    complaints = _keys(_of_about, by, {call.complaint_id for call in calls})
    orders = _keys(_of_repaired, by, {order for orders in orders_of.values() for order in orders})
    return {
        call.pk
        for call in calls
        if call.delivery_id in deliveries or call.complaint_id in complaints or orders & orders_of[call.pk]
    }


def _orders_of(calls: Sequence[Fact]) -> dict[int, set[int | None]]:
    """{call: its order and the further ones that it covers}."""
    found: dict[int, set[int | None]] = defaultdict(set, {call.pk: {call.repair_order_id} for call in calls})
    for call_id, order_id in _further(calls=list(found)):
        found[call_id].add(order_id)
    return found


def _keys(facts: Compiled[int], by: Employee, wanted: Iterable[int | None]) -> set[int | None]:
    """Those of the keys that are among a person's facts; no query for none."""
    keys = [key for key in wanted if key is not None]
    return set(facts(by=by.pk, keys=keys)) if keys else set()


# ---- asked for every call that is taken ------------------------------------------------------------------------------


@compiled
def _further(*, calls: list[int]) -> QuerySet[RevisitOrder, tuple[int, int]]:
    rows = RevisitOrder.objects.filter(revisit__pk__in=calls).order_by()
    return rows.values_list("revisit_id", "repair_order_id")


@compiled
def _of_delivered(*, by: int, keys: list[int]) -> QuerySet[Delivery, int]:
    return _delivered(by).filter(pk__in=keys).order_by().values_list("pk", flat=True)


@compiled
def _of_repaired(*, by: int, keys: list[int]) -> QuerySet[RepairOrder, int]:
    return _repaired(by).filter(pk__in=keys).order_by().values_list("pk", flat=True)


@compiled
def _of_about(*, by: int, keys: list[int]) -> QuerySet[Complaint, int]:
    return _about(by).filter(pk__in=keys).order_by().values_list("pk", flat=True)


# ---- a person's facts; by themselves or their key --------------------------------------------------------------------


def _delivered(by: Employee | int) -> QuerySet[Delivery]:
    """The deliveries that a person sold or handed over."""
    return Delivery.objects.filter(Q(sales_consultant=by) | Q(delivery_specialist=by))


def _repaired(by: Employee | int) -> QuerySet[RepairOrder]:
    """The orders that a person took in, inspected or worked on."""
    return RepairOrder.objects.filter(_worked_on("", by))


def _about(by: Employee | int) -> QuerySet[Complaint]:
    """The complaints that a person handles or handed over, that name them, or about a job in which they had a part."""
    sold = Q(delivery__sales_consultant=by) | Q(delivery__delivery_specialist=by)
    handed_over = Exists(Step.objects.filter(complaint=OuterRef("pk"), action="submit", by=by))
    own = Q(handler=by) | Q(handed_over)
    return Complaint.objects.filter(own | _named(by) | sold | _worked_on("repair_order__", by))


def _named(by: Employee | int) -> Q:
    """Accused or liable in a complaint or in one merged into it, the same matter; for querysets of Complaint."""
    here = Q(accused=by) | Q(liabilities__employee=by)
    return here | Q(merged__accused=by) | Q(merged__liabilities__employee=by)


def _worked_on(path: str, by: Employee | int) -> Q:
    """Advisor, inspector or technician of an order at `path`."""
    return (
        Q((f"{path}service_advisor", by))
        | Q((f"{path}final_inspector", by))
        | Q((f"{path}technicians__technician", by))
    )


def _permitted(by: Employee) -> Q:
    """The calls that a manager allowed to this person, none about a complaint that names them."""
    return Q(assigned_to=by, override_by__isnull=False) & ~accused_by(by)

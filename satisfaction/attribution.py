"""Whose work an answer judges: the people of the delivery or repair order, or a department (domain 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crm_site.accounts.models import Department, Employee
from customers.models import Delivery, RepairOrder
from satisfaction.models import Attribution, Questionnaire

#: the department that a part belongs to; "department" itself follows the questionnaire
DEPARTMENT_OF = {
    Attribution.SALES_CONSULTANT: Department.SALES,
    Attribution.DELIVERY_SPECIALIST: Department.SALES,
    Attribution.SERVICE_ADVISOR: Department.SERVICE,
    Attribution.TECHNICIANS: Department.WORKSHOP,
}
OWN_DEPARTMENT = {
    Questionnaire.Kind.SALES: Department.SALES,
    Questionnaire.Kind.SERVICE: Department.SERVICE,
}
#: which kind judges a department
KIND_JUDGING = {
    Department.SALES: Questionnaire.Kind.SALES,
    Department.SERVICE: Questionnaire.Kind.SERVICE,
    Department.WORKSHOP: Questionnaire.Kind.SERVICE,
}
#: where somebody served in several parts, their score stands under the first of these
PARTS = (
    Attribution.SALES_CONSULTANT,
    Attribution.SERVICE_ADVISOR,
    Attribution.DELIVERY_SPECIALIST,
    Attribution.TECHNICIANS,
)


@dataclass(frozen=True)
class Occasion:
    """The people who served on one delivery or repair order, by their part."""

    people: dict[str, tuple[Employee, ...]]
    kind: str

    def employees(self, attribution: str) -> tuple[Employee, ...]:
        """Whom an item with this attribution judges; nobody where the record does not say."""
        return self.people.get(attribution, ())

    def department(self, attribution: str) -> str:
        """The department that an item with this attribution judges, '' for none."""
        return department_of(self.kind, attribution)


def department_of(kind: str, attribution: str) -> str:
    """The department that an item judges, by the questionnaire's kind and the item's attribution; '' for none."""
    if attribution == Attribution.DEPARTMENT:
        return OWN_DEPARTMENT.get(Questionnaire.Kind(kind), "")
    return DEPARTMENT_OF.get(Attribution(attribution), "")


def occasion_of(kind: str, delivery: Delivery | None, repair_order: RepairOrder | None) -> Occasion:
    """Read who served from the delivery or the repair order; `kind` is the questionnaire's."""
    people: dict[str, tuple[Employee, ...]] = {}
    if delivery is not None:
        consultant = _known(delivery.sales_consultant)
        people[Attribution.SALES_CONSULTANT] = consultant
        people[Attribution.DELIVERY_SPECIALIST] = _known(delivery.delivery_specialist) or consultant
    if repair_order is not None:
        people[Attribution.SERVICE_ADVISOR] = _known(repair_order.service_advisor)
        people[Attribution.TECHNICIANS] = _unique(
            work.technician for work in repair_order.technicians.select_related("technician")
        )
    return Occasion(people, kind)


def part_of(occasion: Occasion, employee: Employee) -> str:
    """The part under which an employee's score of this occasion stands."""
    return next(part for part in PARTS if employee in occasion.employees(part))


def _known(employee: Employee | None) -> tuple[Employee, ...]:
    return (employee,) if employee else ()


def _unique(employees: Iterable[Employee | None]) -> tuple[Employee, ...]:
    """Each known employee once (one technician may have two trades), in order."""
    return tuple(dict.fromkeys(employee for employee in employees if employee))

"""What can be handed over to be answered face to face: visits and deliveries not answered yet, and who may do it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length

from crm_site.accounts import policy
from crm_site.accounts.models import Employee, Membership
from customers import search
from customers.models import NO_VISIT, Delivery, OrderState, RepairOrder, SaleType
from satisfaction.models import Questionnaire, QuestionnaireVersion, Response
from satisfaction.rules.sittings import FOUND_DAYS, OFFERED_DAYS, may_ask

#: sales that are no customer's (domain 4.1)
NO_CUSTOMER = (SaleType.RESELLER, SaleType.DEMO)
#: rows of each kind on the page; the rest is found by searching
MOST = 30


@dataclass(frozen=True)
class Occasion:
    """One delivery or visit that a customer can be asked about."""

    row: Delivery | RepairOrder

    @property
    def delivery(self) -> Delivery | None:
        """The delivery, None for a visit."""
        return self.row if isinstance(self.row, Delivery) else None

    @property
    def repair_order(self) -> RepairOrder | None:
        """The repair order, None for a delivery."""
        return self.row if isinstance(self.row, RepairOrder) else None

    @property
    def kind(self) -> str:
        """Which kind of questionnaire asks about it."""
        return Questionnaire.Kind.SALES if self.delivery else Questionnaire.Kind.SERVICE

    @property
    def on(self) -> date | None:
        """The day of the delivery or hand-back."""
        return self.row.delivered_on if isinstance(self.row, Delivery) else self.row.released_on

    @property
    def served(self) -> dict[int, Employee]:
        """Everybody who had a part in it, by key; needs rows of `deliveries` or `orders`."""
        row = self.row
        people: list[Employee | None]
        if isinstance(row, Delivery):
            people = [row.sales_consultant, row.delivery_specialist]
        else:
            people = [row.service_advisor, row.final_inspector, *(work.technician for work in row.technicians.all())]
        return {one.pk: one for one in people if one is not None}


def deliveries(rows: QuerySet[Delivery] | None = None) -> QuerySet[Delivery]:
    """Deliveries with what the pages of the hand-over show and ask of them."""
    found = Delivery.objects.all() if rows is None else rows
    return found.select_related("store", "customer", "vehicle", "sales_consultant", "delivery_specialist")


def orders(rows: QuerySet[RepairOrder] | None = None) -> QuerySet[RepairOrder]:
    """Repair orders with what the pages of the hand-over show and ask of them."""
    found = RepairOrder.objects.all() if rows is None else rows
    related = ("store", "customer", "vehicle", "service_advisor", "final_inspector")
    return found.select_related(*related).prefetch_related("technicians__technician")


def offered(stores: Sequence[int], today: date) -> list[Occasion]:
    """What was delivered or handed back in the last days and is not answered yet, the newest first."""
    return _newest(*_askable(stores, today - timedelta(days=OFFERED_DAYS - 1), today))


def found(user: Any, stores: Sequence[int], typed: str, today: date) -> list[Occasion]:
    """The same of the customers and cars that a search may mean, over a longer time."""
    hits = search.find(user, typed)
    cars = {hit.vehicle.pk for hit in hits if hit.vehicle}
    people = {hit.customer.pk for hit in hits if not hit.vehicle}
    by_number = RepairOrder.objects.filter(store_id__in=stores, order_number__iexact=typed.strip()).values("pk")
    about = Q(vehicle_id__in=cars) | Q(customer_id__in=people)
    sold, repaired = _askable(stores, today - timedelta(days=FOUND_DAYS), today)
    return _newest(sold.filter(about), repaired.filter(about | Q(pk__in=by_number)))


def _newest(sold: QuerySet[Delivery], repaired: QuerySet[RepairOrder]) -> list[Occasion]:
    rows = [
        *map(Occasion, sold.order_by("-delivered_on", "-pk")[:MOST]),
        *map(Occasion, repaired.order_by("-released_on", "-pk")[:MOST]),
    ]
    return sorted(rows, key=lambda one: (one.on or date.min, one.row.pk), reverse=True)


def _askable(stores: Sequence[int], first: date, last: date) -> tuple[QuerySet[Delivery], QuerySet[RepairOrder]]:
    """The deliveries and visits of some days whose customers may be asked and have not answered."""
    sold = deliveries().filter(store_id__in=stores, delivered_on__range=(first, last), returned_on=None)
    sold = sold.exclude(sale_type__in=NO_CUSTOMER).exclude(customer__restricted=True)
    repaired = orders().filter(store_id__in=stores, released_on__range=(first, last), state=OrderState.SETTLED)
    repaired = repaired.exclude(job_type__in=NO_VISIT).exclude(customer__restricted=True)
    return sold.filter(~answered("delivery")), repaired.filter(~answered("repair_order"))


def answered(link: str) -> Q:
    """Whether a valid response about the occasion exists; for querysets of Delivery ("delivery") or RepairOrder."""
    return Q(Exists(Response.objects.valid().filter(**{link: OuterRef("pk")})))


def is_answered(occasion: Occasion) -> bool:
    """The same of one occasion."""
    about = {"delivery": occasion.delivery, "repair_order": occasion.repair_order}
    return Response.objects.valid().filter(**about).exists()


def askers(store_id: int, served: Iterable[int], today: date) -> list[Employee]:
    """Who may hand the questionnaire over: whoever has the right in the store and no part in the occasion."""
    roles = policy.roles_for("satisfaction.ask")
    users = Membership.objects.filter(store_id=store_id, role__in=roles, user__is_active=True).values("user")
    rows = Employee.objects.employed_on(today).filter(store_id=store_id, user__in=users)
    return [one for one in rows.order_by(Length("number"), "number") if may_ask(one.pk, served)]


def forms_for(kind: str, store_id: int) -> list[QuestionnaireVersion]:
    """The published questionnaires of a kind in a store, the long ones first; the store's own replace the company's."""
    rows = (
        QuestionnaireVersion.objects.published()
        .filter(Q(questionnaire__store=None) | Q(questionnaire__store_id=store_id), questionnaire__kind=kind)
        .select_related("questionnaire")
        .prefetch_related("factors", "questions__factor")
    )
    by_code: dict[str, QuestionnaireVersion] = {}
    for row in rows:
        known = by_code.get(row.questionnaire.code)
        if known is None or known.questionnaire.store_id is None:
            by_code[row.questionnaire.code] = row
    return sorted(by_code.values(), key=lambda one: (one.questionnaire.short_of_id is not None, one.questionnaire.code))

"""Whether reminders bring cars back: first services, bookings, renewals, and visits after a reminder."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from crm_site.core.figures import Scope
from customers.models import Booking, OrderState, RepairOrder
from revisits.generator.occasions import EXCLUDED_JOB_TYPES
from revisits.models import Anchor, AttemptPurpose, CallAttempt, Revisit, State
from revisits.queries.indicators.base import COUNT, Indicator, hit, hitting, rate
from revisits.queries.indicators.calls import of_role
from revisits.rules.codes import BROUGHT_ABOUT

#: a visit within so many days after a reminder is put down to it
RETURN_DAYS = timedelta(days=30)
#: the reminders that are to bring a car into the workshop
WORKSHOP = (Anchor.FIRST_SERVICE, Anchor.MAINTENANCE, Anchor.LAST_VISIT)


def counting_orders(stores: tuple[int, ...]) -> QuerySet[RepairOrder]:
    """The visits that count as a car's coming to the workshop."""
    rows = RepairOrder.objects.filter(store_id__in=stores, historical=False).exclude(state=OrderState.VOID)
    return rows.exclude(job_type__in=EXCLUDED_JOB_TYPES)


# ---- cohorts --------------------------------------------------------------------------------------------------------


def _cohort(scope: Scope, anchor: str) -> QuerySet[Revisit]:
    """The cars whose day of a kind lies in the period: the first task of each occasion.

    One that was cancelled counts only where what it was to bring about had come about; else its day was no day.
    """
    rows = Revisit.objects.filter(
        store_id__in=scope.stores, rule_version__anchor=anchor, anchor_on__range=(scope.start, scope.last)
    )
    earlier = Revisit.objects.filter(
        vehicle=OuterRef("vehicle"), rule_version__anchor=anchor, anchor_on=OuterRef("anchor_on"), pk__lt=OuterRef("pk")
    )
    void = Q(state=State.CANCELLED) & ~Q(reason__in=[reason.value for reason in BROUGHT_ABOUT])
    return rows.filter(~Exists(earlier), vehicle__isnull=False).exclude(void)


def _first_services(scope: Scope) -> QuerySet[Revisit]:
    came = counting_orders(scope.stores).filter(vehicle=OuterRef("vehicle"), checked_in_on__gte=OuterRef("due_on"))
    return _cohort(scope, Anchor.FIRST_SERVICE).annotate(hit=hit(Exists(came)))


def _insurances(scope: Scope) -> QuerySet[Revisit]:
    return _cohort(scope, Anchor.INSURANCE).annotate(hit=hit(Q(vehicle__insurance_until__gt=F("anchor_on"))))


def _bookings(scope: Scope) -> QuerySet[Booking]:
    rows = Booking.objects.filter(store_id__in=scope.stores, wanted_on__range=(scope.start, scope.last))
    return rows.exclude(state=Booking.State.CANCELLED)


# ---- visits after a reminder ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reminded:
    """The reminders of a period by task, and the visits that followed each kind within thirty days."""

    reached: dict[int, tuple[int, date]]
    unreached: dict[int, tuple[int, date]]

    def of(self, is_reached: bool) -> dict[int, tuple[int, date]]:
        """{task: (vehicle, day of the call that is counted from)}."""
        return self.reached if is_reached else self.unreached


def _reminded(scope: Scope) -> Reminded:
    """Which cars were reminded in the period; reached = somebody answered one of its calls, by that call's day."""
    days: dict[int, dict[bool, list[date]]] = defaultdict(lambda: {True: [], False: []})
    cars: dict[int, int] = {}
    for task, vehicle, day, is_reached in [*_dials(scope), *_joined(scope)]:
        cars[task] = vehicle
        days[task][is_reached].append(day)
    reached = {task: (cars[task], min(found[True])) for task, found in days.items() if found[True]}
    rest = {task: (cars[task], min(found[False])) for task, found in days.items() if not found[True]}
    return Reminded(reached, rest)


def _dials(scope: Scope) -> list[tuple[int, int, date, bool]]:
    rows = CallAttempt.objects.filter(
        store_id__in=scope.stores,
        called_on__range=(scope.start, scope.last),
        revisit__rule_version__anchor__in=WORKSHOP,
        revisit__vehicle__isnull=False,
    )
    rows = of_role(rows, scope, "revisit__").order_by()
    return list(rows.values_list("revisit_id", "revisit__vehicle_id", "called_on", "result__reached"))


def _joined(scope: Scope) -> list[tuple[int, int, date, bool]]:
    """The same of reminders that were made within another call."""
    rows = AttemptPurpose.objects.filter(
        attempt__store_id__in=scope.stores,
        attempt__called_on__range=(scope.start, scope.last),
        revisit__rule_version__anchor__in=WORKSHOP,
        revisit__vehicle__isnull=False,
    )
    rows = of_role(rows, scope, "revisit__").order_by()
    return list(rows.values_list("revisit_id", "revisit__vehicle_id", "attempt__called_on", "result__reached"))


def _followed(scope: Scope, is_reached: bool) -> tuple[dict[int, tuple[int, date]], dict[int, list[int]]]:
    """The reminders of a kind, and {task: orders that came within thirty days after it}."""
    reminders = _reminded(scope).of(is_reached)
    visits: dict[int, list[tuple[int, date]]] = defaultdict(list)
    orders = counting_orders(scope.stores).filter(checked_in_on__range=(scope.start, scope.last + RETURN_DAYS))
    if reminders:
        for pk, vehicle, day in orders.order_by().values_list("pk", "vehicle_id", "checked_in_on"):
            visits[vehicle].append((pk, day))
    found = {
        task: [pk for pk, came in visits.get(vehicle, ()) if day <= came <= day + RETURN_DAYS]
        for task, (vehicle, day) in reminders.items()
    }
    return reminders, {task: orders for task, orders in found.items() if orders}


def _reminders(is_reached: bool) -> Any:
    """Rows of the rate: the reminders of a kind, `hit` where the car came."""

    def rows(scope: Scope) -> QuerySet[Revisit]:
        reminders, followed = _followed(scope, is_reached)
        return Revisit.objects.filter(pk__in=list(reminders)).annotate(hit=hit(Q(pk__in=list(followed))))

    return rows


def _visits(scope: Scope) -> QuerySet[RepairOrder]:
    """招揽回厂: each visit once, however many reminders went before it."""
    _reminders_made, followed = _followed(scope, True)
    return RepairOrder.objects.filter(pk__in={pk for orders in followed.values() for pk in orders})


def turnover(rows: QuerySet[RepairOrder]) -> tuple[int, Decimal]:
    """台次 and 产值 (yuan) of visits."""
    found = rows.order_by().aggregate(n=Count("pk"), total=Sum("total_fee"))
    return found["n"], Decimal(str(found["total"] or 0)).quantize(Decimal("0.01"))


FIRST_SERVICE = Indicator(
    "first_service", _("First-service return rate"),
    _("came after the reminder fell due / cars whose first-service date lies in the period and was to be reminded of"),
    _first_services, rate, by_role=False,
)  # fmt: skip
BOOKED = Indicator(
    "booked", _("Bookings kept"), _("came / bookings of the period that were not cancelled"),
    hitting(_bookings, lambda scope: Q(state=Booking.State.CAME)), rate, by_role=False,
)  # fmt: skip
RENEWED = Indicator(
    "renewed", _("Renewal rate"),
    _("insured beyond the day / cars whose insurance ends in the period and was to be reminded of"),
    _insurances, rate, by_role=False,
)  # fmt: skip
RETURNED = Indicator(
    "returned", _("Visits after reminders"),
    _("visits within 30 days after a reminder of the period in which somebody was reached, and their turnover"),
    _visits, turnover, kind=COUNT,
)  # fmt: skip
RETURNED_REACHED = Indicator(
    "returned_reached", _("Came after being reached"),
    _("cars that came within 30 days / reminders in which somebody was reached"),
    _reminders(True), rate, is_second=True,
)  # fmt: skip
RETURNED_UNREACHED = Indicator(
    "returned_unreached", _("Came without being reached"),
    _("cars that came within 30 days / reminders in which nobody was reached; a comparison, not a proof"),
    _reminders(False), rate, is_second=True,
)  # fmt: skip

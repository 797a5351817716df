"""Brings open tasks up to date with the facts: cancelled, excused, expired, or callable again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from complaints.models import State as ComplaintState
from customers.models import OrderState, Vehicle
from revisits.generator import returning
from revisits.generator.context import Context
from revisits.generator.people import People
from revisits.models import CALLABLE_STATES, Anchor, Revisit, RevisitOrder
from revisits.rules import contact, due
from revisits.rules.codes import FACT_GONE, Reason, State

#: tasks without a number whose archive may have one by now
NUMBERLESS = (Reason.NO_PHONE, Reason.BAD_NUMBERS, Reason.UNKNOWN_CUSTOMER, Reason.EMPLOYEE_PHONE)


def bring_up_to_date(context: Context) -> dict[str, int]:
    """Apply every stop fact to the store's open tasks; gives {reason: how many}. A call in progress is left alone."""
    counts: Counter[str] = Counter()
    counts["fact_back"] += returning.bring_back(context)
    _forget_gone_orders(context)
    for reason, state, rows in _stops(_untouched(context)):
        counts[reason] += _end(context, rows, state, reason)
    counts += Counter(_excuse_refusals(context))
    counts["number_found"] += _dial_again(context)
    for reason, rows in _expired(context):
        counts[reason] += _end(context, rows, State.FAILED, reason)
    return dict(+counts)


def _untouched(context: Context) -> QuerySet:
    """The open tasks that nobody holds right now."""
    return Revisit.objects.filter(store=context.store).open().unclaimed(context.now).order_by()


def _stops(rows: QuerySet) -> Iterable[tuple[Reason, State, QuerySet]]:
    """Facts that take the reason for a call away."""
    reopened = Q(repair_order__state=OrderState.OPEN) | Q(repair_order__released_on=None)
    yield Reason.ORDER_VOID, State.CANCELLED, rows.filter(repair_order__state=OrderState.VOID)
    yield Reason.ORDER_REOPENED, State.CANCELLED, rows.filter(reopened, repair_order__isnull=False)
    yield Reason.DELIVERY_RETURNED, State.CANCELLED, rows.filter(delivery__returned_on__isnull=False)
    yield Reason.VEHICLE_SOLD, State.CANCELLED, rows.filter(vehicle__state=Vehicle.State.SOLD)
    yield Reason.VEHICLE_SCRAPPED, State.CANCELLED, rows.filter(vehicle__state=Vehicle.State.SCRAPPED)
    yield Reason.COMPLAINT_MOVED_ON, State.CANCELLED, _moved_on(rows)
    yield Reason.RESTRICTED, State.EXCUSED, rows.filter(customer__restricted=True)


def _forget_gone_orders(context: Context) -> None:
    """An order that an open call covers beside its own, and that is void or reopened now, is asked about no more."""
    covered = RevisitOrder.objects.filter(revisit__in=_untouched(context))
    covered.exclude(repair_order__state=OrderState.SETTLED, repair_order__released_on__isnull=False).delete()


def _moved_on(rows: QuerySet) -> QuerySet:
    """Confirming calls whose complaint no longer waits for them: reopened, put forward again, merged or closed."""
    confirming = rows.filter(rule_version__anchor=Anchor.COMPLAINT_SOLVED)
    current = Concat(
        Value("complaint:"),
        Cast("complaint_id", CharField()),
        Value(":solved:"),
        Cast("complaint__round", CharField()),
        output_field=CharField(),
    )
    return confirming.annotate(current=current).filter(
        ~Q(complaint__state=ComplaintState.CONFIRMING) | ~Q(anchor_key=F("current"))
    )


def _end(context: Context, rows: QuerySet, state: State, reason: Reason) -> int:
    """End tasks; orders that a cancelled call covered become occasions of their own again."""
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return 0
    if reason in FACT_GONE:
        RevisitOrder.objects.filter(revisit_id__in=ids).delete()
    return (
        _untouched(context)
        .filter(pk__in=ids)
        .update(
            state=state,
            reason=reason,
            ended_at=context.now,
            ended_on=context.today,
            claimed_by=None,
            claimed_at=None,
            lease_until=None,
            version=F("version") + 1,
        )
    )


def _excuse_refusals(context: Context) -> dict[str, int]:
    """Tasks of customers who have said since that they do not want to be called."""
    by_reason: dict[Reason, list[int]] = {}
    rows = _untouched(context).filter(customer_id__in=context.bans.customer_ids)
    for pk, customer_id, vehicle_id, purpose in rows.values_list(
        "pk", "customer_id", "vehicle_id", "rule_version__purpose"
    ):
        bans = context.bans.on(customer_id, vehicle_id, ())
        reason = contact.refusal(purpose, restricted=False, bans=sorted(bans))
        if reason:
            by_reason.setdefault(reason, []).append(pk)
    return {
        reason: _end(context, _untouched(context).filter(pk__in=ids), State.EXCUSED, reason)
        for reason, ids in by_reason.items()
    }


# ---- a number has come -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TaskParty:
    """The persons around an existing task, for People."""

    customer_id: int | None
    customer_name: str
    vehicle_id: int | None
    picker: str = ""
    bringer: str = ""
    bringer_phone: str = ""

    @classmethod
    def of(cls, task: Revisit) -> TaskParty:
        """Read from a task with its customer, delivery and repair order at hand."""
        customer = task.customer or (task.repair_order.customer if task.repair_order else None)
        return cls(
            customer_id=customer.pk if customer else None,
            customer_name=customer.name if customer else "",
            vehicle_id=task.vehicle_id,
            picker=task.delivery.picked_up_by if task.delivery else "",
            bringer=task.repair_order.bringer_name if task.repair_order else "",
            bringer_phone=task.repair_order.bringer_phone if task.repair_order else "",
        )


def with_people(rows: QuerySet) -> QuerySet:
    """Tasks with everything that TaskParty reads."""
    return rows.select_related("customer", "delivery", "repair_order__customer", "rule_version")


def _dial_again(context: Context) -> int:
    """Tasks that waited for a number and whose archive has one now become callable again."""
    since = context.today - timedelta(days=due.GRACE_DAYS)
    rows = _untouched(context).filter(state=State.NO_NUMBER, reason__in=NUMBERLESS, expires_on__gte=since)
    rows = rows.filter(Q(customer__phones__bad_since=None, customer__phones__isnull=False) | _customer_known())
    tasks = list(with_people(rows.distinct()))
    parties = {task.pk: TaskParty.of(task) for task in tasks}
    people = People(parties.values(), context.today)
    found = 0
    for task in tasks:
        numbers = contact.numbers_in_order(task.rule_version.whom, people.of(parties[task.pk]))
        number = contact.choose_number(numbers, context.employee_numbers).number
        if number:
            found += _reopen(context, task, parties[task.pk].customer_id, number.phone_id)
    return found


def _customer_known() -> Q:
    phones = "repair_order__customer__phones"
    return Q(("customer", None), (f"{phones}__bad_since", None), (f"{phones}__isnull", False))


def _reopen(context: Context, task: Revisit, customer_id: int | None, phone_id: int) -> int:
    """Callable again, with a window that begins on the next desk day if its own is over."""
    window = due.deadline(context.calendar.next_desk_day(context.today), task.rule_version, context.calendar)
    return (
        _untouched(context)
        .filter(pk=task.pk)
        .update(
            state=State.IN_PROGRESS if task.tries_made else State.DUE,
            reason="",
            customer_id=customer_id,
            phone_id=phone_id,
            expires_on=window if task.expires_on < context.today else task.expires_on,
            version=F("version") + 1,
        )
    )


# ---- too late --------------------------------------------------------------------------------------------------------


def _expired(context: Context) -> Iterable[tuple[Reason, QuerySet]]:
    """After the deadline: tasks whose tries are used up at once, all others after some days in which they were overdue.

    A promise that lies ahead is kept.
    """
    rows = _untouched(context).filter(state__in=CALLABLE_STATES)
    rows = rows.filter(Q(promised_at=None) | Q(promised_at__lt=context.now))
    last_chance = context.today - timedelta(days=due.GRACE_DAYS)
    exhausted = Q(expires_on__lt=context.today, tries_made__gte=F("rule_version__tries"))
    yield Reason.NOT_REACHED, rows.filter(exhausted)
    yield Reason.EXPIRED, rows.filter(expires_on__lt=last_chance)

"""Calls that were withdrawn with their fact, and whose fact stands again: an order settled anew, a return undone."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from customers.models import OrderState, Vehicle, VehicleRole
from revisits.generator import forecasts
from revisits.generator.context import Context
from revisits.models import CallAttempt, Revisit, RuleVersion
from revisits.rules import due
from revisits.rules.codes import FACT_GONE, REVERSIBLE, Reason, State
from revisits.stops import OF_THE_OWNER, free_keys, with_stop

#: days from a due day to the deadline of the longest window that is looked at
LONGEST_WINDOW = 120
#: the states in which a call waits for its fact, its number or its owner to come back
WITHDRAWN = (State.CANCELLED, State.EXCUSED, State.NO_NUMBER)


def bring_back(context: Context) -> int:
    """Let the calls of facts that stand again be made; gives how many.

    A call that nobody had worked on is forgotten, so that this run makes it anew with the days that hold now. One that
    had been tried goes on where it was. What is too old to be made anew has failed: it counts, but is not called.
    """
    if not Revisit.objects.filter(store=context.store, state__in=WITHDRAWN).exists():
        return 0
    rows = _of_facts_that_stand(context)
    oldest = context.today - timedelta(days=due.RECORDED_LATE_DAYS)
    recent = rows.filter(
        Q(repair_order__released_on__gte=oldest) | Q(repair_order=None, delivery__delivered_on__gte=oldest)
    )
    called = Exists(CallAttempt.objects.filter(revisit=OuterRef("pk")))
    count = forecasts.forget(list(recent.filter(~called).values_list("pk", flat=True)))
    count += sum(_go_on(context, task) for task in recent.filter(called).select_related("rule_version", "repair_order"))
    _free_for_new_owners(context)
    left = list(rows.filter(~Q(pk__in=recent.values("pk"))).values_list("pk", flat=True))
    Revisit.objects.filter(pk__in=left).update(
        state=State.FAILED, reason=Reason.EXPIRED.value, version=F("version") + 1
    )
    return count + _make_anew(context)


def _make_anew(context: Context) -> int:
    """Forget the calls that nobody had worked on and whose reason not to be made is none any more; gives how many.

    A booking that was called off, a date set back, consent given after all, an owner who is known now: this run makes
    the call anew where its window is still open.
    """
    waiting = Revisit.objects.filter(store=context.store, expires_on__gte=context.today)
    ended = waiting.filter(state__in=[State.CANCELLED, State.EXCUSED], reason__in=REVERSIBLE)
    # the oldest due day is there for the index: no window is longer
    ended = ended.filter(due_on__gte=context.today - timedelta(days=LONGEST_WINDOW)).exclude(forecasts.worked_on())
    ids = list(with_stop(ended, context.today).filter(stop=None).values_list("pk", flat=True))
    owner = VehicleRole.objects.filter(vehicle=OuterRef("vehicle_id"), role=VehicleRole.Kind.OWNER, until=None)
    ownerless = waiting.filter(Exists(owner), state=State.NO_NUMBER, reason=Reason.UNKNOWN_CUSTOMER)
    ownerless = ownerless.filter(rule_version__anchor__in=OF_THE_OWNER).exclude(forecasts.worked_on())
    return forecasts.forget_untouched(context, [*ids, *ownerless.values_list("pk", flat=True)])


def _free_for_new_owners(context: Context) -> None:
    """A car that was sold on and has an owner again: what the former owner was not called about, the new one may be."""
    owner = VehicleRole.objects.filter(vehicle=OuterRef("vehicle_id"), role=VehicleRole.Kind.OWNER, until=None)
    another = owner.exclude(customer_id=OuterRef("customer_id"))
    sold = Revisit.objects.filter(store=context.store, state=State.CANCELLED, reason=Reason.VEHICLE_SOLD)
    sold = sold.filter(due_on__gte=context.today - timedelta(days=LONGEST_WINDOW), vehicle__state=Vehicle.State.ACTIVE)
    free_keys(sold.filter(Exists(another)).exclude(anchor_key__contains=":was:"))


def _of_facts_that_stand(context: Context) -> QuerySet[Revisit]:
    """The withdrawn calls of a store whose order is settled and whose car was not returned."""
    stands = Q(repair_order__state=OrderState.SETTLED, repair_order__released_on__isnull=False) | Q(
        repair_order=None, delivery__isnull=False, delivery__returned_on=None
    )
    withdrawn = Revisit.objects.filter(store=context.store, state=State.CANCELLED, reason__in=FACT_GONE)
    return withdrawn.filter(stands).order_by("pk")


def _go_on(context: Context, task: Revisit) -> int:
    """Callable again, until a window after the next desk day; the tries that were made count."""
    version: RuleVersion = task.rule_version
    expires_on = due.deadline_anew(task.expires_on, version, context.today, context.calendar)
    anchor_on = task.repair_order.released_on if task.repair_order else task.anchor_on
    return Revisit.objects.filter(pk=task.pk, state=State.CANCELLED).update(
        state=State.IN_PROGRESS,
        reason="",
        anchor_on=anchor_on,
        expires_on=max(task.expires_on, expires_on),
        ended_at=None,
        ended_on=None,
        version=F("version") + 1,
    )

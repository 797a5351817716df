"""Calls that were withdrawn with their fact, and whose fact stands again: an order settled anew, a return undone."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from customers.models import OrderState
from revisits.generator.context import Context
from revisits.models import CallAttempt, Revisit, RuleVersion
from revisits.rules import due
from revisits.rules.codes import FACT_GONE, Reason, State


def bring_back(context: Context) -> int:
    """Let the calls of facts that stand again be made; gives how many.

    A call that nobody had worked on is forgotten, so that this run makes it anew with the days that hold now. One that
    had been tried goes on where it was. What is too old to be made anew has failed: it counts, but is not called.
    """
    rows = _of_facts_that_stand(context)
    oldest = context.today - timedelta(days=due.RECORDED_LATE_DAYS)
    recent = rows.filter(
        Q(repair_order__released_on__gte=oldest) | Q(repair_order=None, delivery__delivered_on__gte=oldest)
    )
    called = Exists(CallAttempt.objects.filter(revisit=OuterRef("pk")))
    forgotten = Revisit.objects.filter(pk__in=list(recent.filter(~called).values_list("pk", flat=True)))
    count = forgotten.delete()[1].get(Revisit._meta.label, 0)
    count += sum(_go_on(context, task) for task in recent.filter(called).select_related("rule_version", "repair_order"))
    left = list(rows.filter(~Q(pk__in=recent.values("pk"))).values_list("pk", flat=True))
    Revisit.objects.filter(pk__in=left).update(
        state=State.FAILED, reason=Reason.EXPIRED.value, version=F("version") + 1
    )
    return count


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
    expires_on = due.deadline(context.calendar.next_desk_day(context.today), version, context.calendar)
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

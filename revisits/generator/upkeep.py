"""Brings open tasks up to date with the facts: cancelled, excused, expired, or callable again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from crm_site.core import clock
from customers.models import OrderState, Phone
from revisits.generator import forecasts, returning
from revisits.generator.context import Context
from revisits.generator.people import People
from revisits.models import CALLABLE_STATES, OPEN_STATES, Revisit, RevisitOrder, RuleVersion
from revisits.rules import contact, due
from revisits.rules.codes import FACT_GONE, Reason, State
from revisits.rules.contact import Number
from revisits.stops import Stop, end_of, free_keys, stand_alone, with_stop

#: tasks that one statement ends
AT_ONCE = 5_000

#: tasks without a number whose archive may have one by now
NUMBERLESS = (Reason.NO_PHONE, Reason.BAD_NUMBERS, Reason.UNKNOWN_CUSTOMER, Reason.EMPLOYEE_PHONE)


def bring_up_to_date(context: Context) -> dict[str, int]:
    """Apply every stop fact to the store's open tasks; gives {reason: how many}. A call in progress is left alone."""
    counts: Counter[str] = Counter()
    counts["fact_back"] += returning.bring_back(context)
    if not _untouched(context).exists():  # everything below is about open tasks: in a new store there are none
        return dict(+counts)
    _let_go(context)
    _forget_gone_orders(context)
    for stop, ids in _stopped(context).items():
        counts[stop.reason] += _end(context, ids, stop)
    counts += Counter(_excuse_refusals(context))
    counts["moved"] += forecasts.follow(context, _untouched(context))
    counts["number_found"] += _dial_again(context)
    counts[Reason.BAD_NUMBERS] += _dial_another(context)
    counts += Counter(
        _excuse_refusals(context)
    )  # the numbers found now may be somebody's who does not want to be called
    for reason, rows in _expired(context):
        counts[reason] += _end(context, rows.values_list("pk", flat=True), Stop(State.FAILED, reason))
    return dict(+counts)


def _untouched(context: Context) -> QuerySet:
    """The open tasks that nobody holds right now."""
    return Revisit.objects.filter(store=context.store).open().unclaimed(context.in_hand_at).order_by()


def _let_go(context: Context) -> None:
    """What was joined to a call in the very moment in which that ended is a call of its own."""
    joined = _untouched(context).filter(head__isnull=False).exclude(head__state__in=OPEN_STATES)
    stand_alone(set(joined.values_list("head_id", flat=True)))


def _stopped(context: Context) -> dict[Stop, list[int]]:
    """The tasks that a fact takes the reason away from, by what they become."""
    found: dict[Stop, list[int]] = defaultdict(list)
    rows = with_stop(_untouched(context), context.today).values_list("pk", "stop", "first_attempt_on")
    for pk, reason, first_attempt_on in rows:  # all of them: as a condition, the facts would be looked for twice
        if reason:
            found[end_of(Reason(reason), called=first_attempt_on is not None)].append(pk)
    return found


def _forget_gone_orders(context: Context) -> None:
    """An order that an open call covers beside its own, and that is void or reopened now, is asked about no more."""
    covered = RevisitOrder.objects.filter(revisit__in=_untouched(context))
    covered.exclude(repair_order__state=OrderState.SETTLED, repair_order__released_on__isnull=False).delete()


def _end(context: Context, ids: Iterable[int], stop: Stop) -> int:
    """End tasks, some at a time; what a cancelled call stood in the way of becomes an occasion of its own again."""
    left = iter(list(ids))
    count = 0
    while part := list(islice(left, AT_ONCE)):
        rows = _untouched(context).filter(pk__in=part)
        if stop.reason in FACT_GONE:
            RevisitOrder.objects.filter(revisit_id__in=part).delete()
        if stop.reason == Reason.OWNER_CHANGED:
            free_keys(rows)
        stand_alone(part)
        count += rows.update(
            state=stop.state,
            reason=stop.reason,
            ended_at=context.now,
            ended_on=context.today,
            claimed_by=None,
            claimed_at=None,
            lease_until=None,
            version=F("version") + 1,
        )
    return count


def _excuse_refusals(context: Context) -> dict[str, int]:
    """Tasks of customers who, or whose number, have said since that they do not want to be called."""
    by_reason: dict[Reason, list[int]] = {}
    said_no = Q(customer_id__in=context.bans.customer_ids) | Q(phone__number__in=context.bans.numbers)
    said_no |= Q(customer__marketing_consent=False, rule_version__purpose=RuleVersion.Purpose.MARKETING)
    columns = (
        "pk", "customer_id", "vehicle_id", "phone_id", "phone__number", "rule_version__purpose",
        "rule_version__needs_consent", "customer__marketing_consent",
    )  # fmt: skip
    for pk, customer_id, vehicle_id, *phone, purpose, needs_consent, consent in (
        _untouched(context).filter(said_no).values_list(*columns)
    ):
        bans = context.bans.on(customer_id, vehicle_id, [Number(*phone)])
        bans |= contact.told_no(needs_consent, consent)
        reason = contact.refusal(purpose, restricted=False, bans=sorted(bans))
        reason = reason or contact.consent_problem(needs_consent, consent=True, bans=bans)
        if reason:
            by_reason.setdefault(reason, []).append(pk)
    return {reason: _end(context, ids, Stop(State.EXCUSED, reason)) for reason, ids in by_reason.items()}


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
    """Tasks that waited for a number and whose archive has one now become callable again; gives how many."""
    since = context.today - timedelta(days=due.GRACE_DAYS)
    rows = _untouched(context).filter(state=State.NO_NUMBER, reason__in=NUMBERLESS, expires_on__gte=since)
    rows = rows.exclude(_ends_with_its_window(), expires_on__lt=context.today)
    rows = rows.filter(_has_number("customer") | Q(_has_number("repair_order__customer"), customer=None))
    ids = list(rows.values_list("pk", flat=True))  # first their keys: with all their people at once takes long to plan
    return sum(
        _reopen(context, task, customer_id, number.phone_id)
        for task, customer_id, number in _numbers_of(context, Revisit.objects.filter(pk__in=ids))
        if number
    )


def _dial_another(context: Context) -> int:
    """Tasks whose number was found bad meanwhile get the next one, or wait for one; gives how many wait."""
    rows = _untouched(context).filter(state__in=CALLABLE_STATES, phone__bad_since__isnull=False)
    waiting = []
    for task, _customer_id, number in _numbers_of(context, rows):
        if number:
            _untouched(context).filter(pk=task.pk).update(phone_id=number.phone_id, version=F("version") + 1)
        else:
            waiting.append(task.pk)
    stand_alone(waiting)
    none = {"state": State.NO_NUMBER, "reason": Reason.BAD_NUMBERS, "phone": None, "version": F("version") + 1}
    return _untouched(context).filter(pk__in=waiting).update(**none)


def _numbers_of(context: Context, rows: QuerySet) -> Iterable[tuple[Revisit, int | None, Number | None]]:
    """Each task with whose call it is and the number to dial first, None where there is none."""
    tasks = list(with_people(rows))
    parties = {task.pk: TaskParty.of(task) for task in tasks}
    people = People(parties.values(), context.today)
    for task in tasks:
        numbers = contact.numbers_in_order(task.rule_version.whom, people.of(parties[task.pk]))
        number = contact.choose_number(numbers, context.employee_numbers).number
        yield task, parties[task.pk].customer_id, number


def _has_number(path: str) -> Exists:
    """The customer at `path` has a number that is not known to be bad."""
    return Exists(Phone.objects.filter(customer_id=OuterRef(path), bad_since=None))


def _reopen(context: Context, task: Revisit, customer_id: int | None, phone_id: int) -> int:
    """Callable again, with a window that begins on the next desk day if its own is over."""
    window = due.deadline_anew(task.expires_on, task.rule_version, context.today, context.calendar)
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

    A reminder to a date, or a greeting, is not made afterwards. What is promised is judged by the promised day, and
    what is made together with it waits along.
    """
    last_chance = context.today - timedelta(days=due.GRACE_DAYS)
    kept_since = clock.day_bounds(last_chance)[0]
    rows = _untouched(context).filter(state__in=CALLABLE_STATES)
    rows = rows.exclude(Q(promised_at__gte=kept_since) | Q(head__promised_at__gte=kept_since))
    exhausted = Q(expires_on__lt=context.today, tries_made__gte=F("rule_version__tries"))
    yield Reason.NOT_REACHED, rows.filter(exhausted)
    yield Reason.EXPIRED, rows.filter(expires_on__lt=last_chance)
    yield Reason.EXPIRED, rows.filter(_ends_with_its_window(), expires_on__lt=context.today)


def _ends_with_its_window() -> Q:
    """due.ends_with_its_window, as the database says it."""
    return Q(rule_version__offset_days__lt=0) | Q(rule_version__anchor__in=due.GREETINGS)

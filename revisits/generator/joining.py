"""Joins calls: the reminders to one phone, and the cars of a fleet, also those that are due only some days later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from customers.models import Customer, CustomerType, Phone, Vehicle, VehicleRole
from revisits.generator import occasions
from revisits.generator.context import Context, StoreRule
from revisits.generator.drafting import Draft, Drafting, Head, Timed, sift
from revisits.generator.occasions import Occasion, Source
from revisits.generator.plans import Plan
from revisits.generator.standing import Standing as StopFacts
from revisits.models import CALLABLE_STATES, Joined, Revisit, RuleVersion
from revisits.rules import due, joining
from revisits.rules.joining import FLEET_DAYS, REMINDER_DAYS, Along, Candidate, Standing


class Group(NamedTuple):
    """How the calls of one kind are grouped."""

    joined_as: Joined
    days: int


FLEET, PURPOSE = Group(Joined.FLEET, FLEET_DAYS - 1), Group(Joined.PURPOSE, REMINDER_DAYS)


def join(
    context: Context, rule: StoreRule, source: Source, drafts: Sequence[Draft], covered: Collection[int] = ()
) -> tuple[list[Draft], list[Draft]]:
    """The drafts of a batch, some of them joined to a head; and those made early because they go along with one.

    Reads a fixed number of times, and once where there is nothing to join. What something stands against, and progress
    calls, stay by themselves; `covered` facts need no call.
    """
    plain = [draft for draft in drafts if draft.is_plain]
    if source.told:
        return _fleets(context, rule, source, drafts, _of_fleets(plain), covered=covered)
    reminders = [draft for draft in plain if is_reminder(draft.version)]
    return _reminders(context, drafts, reminders) if reminders else (list(drafts), [])


def is_reminder(version: RuleVersion) -> bool:
    """Whether a call reminds of something to be done at a car, so that two of them make one call."""
    return version.purpose == RuleVersion.Purpose.REMINDER or due.is_reminder(version)


# ---- fleets ----------------------------------------------------------------------------------------------------------


def _of_fleets(plain: Iterable[Draft]) -> dict[str, Draft]:
    """{anchor_key: draft} of those whose customer is an organisation."""
    by_customer = _customers(plain)
    fleets = Customer.objects.filter(pk__in=by_customer, customer_type=CustomerType.ORG)
    ids = set(fleets.values_list("pk", flat=True)) if by_customer else set()
    return {draft.occasion.anchor_key: draft for draft in plain if draft.occasion.customer_id in ids}


def _fleets(
    context: Context,
    rule: StoreRule,
    source: Source,
    drafts: Sequence[Draft],
    mine: Mapping[str, Draft],
    *,
    covered: Collection[int],
) -> tuple[list[Draft], list[Draft]]:
    """One call for the cars that an organisation took over, or had repaired, within a week."""
    if not mine:
        return list(drafts), []
    customers = _customers(mine.values())
    open_calls = _open(context).filter(rule_id__in=rule.ids, customer_id__in=customers, reason="")
    standing: dict[Hashable, list[Standing]] = defaultdict(list)
    for customer_id, anchor_on, pk in open_calls.values_list("customer_id", "anchor_on", "pk"):
        standing[customer_id].append(Standing(anchor_on, pk))
    along = joining.together(map(_of_fleet, mine.values()), standing, FLEET.days)
    heads = [draft for key, draft in mine.items() if key not in along]
    ahead = context.ahead(FLEET_DAYS)
    days = _days_ahead(ahead, rule, FLEET_DAYS, until=context.today)
    facts = source.facts(context.store.pk).filter(customer_id__in=_customers(heads)).exclude(pk__in=covered)
    later = _drafted(ahead, _read_days(ahead, rule, source, days, facts))
    early = joining.together(map(_of_fleet, [*heads, *later]), {}, FLEET.days)
    return _joined(drafts, along, FLEET), _with_one_of(heads, _joined(later, early, FLEET))


def _customers(drafts: Iterable[Draft]) -> set[int]:
    return {draft.occasion.customer_id for draft in drafts if draft.occasion.customer_id}


def _of_fleet(draft: Draft) -> Candidate:
    return Candidate(draft.occasion.anchor_key, draft.occasion.customer_id, draft.occasion.anchor_on)


# ---- reminders -------------------------------------------------------------------------------------------------------


def _reminders(context: Context, drafts: Sequence[Draft], mine: Sequence[Draft]) -> tuple[list[Draft], list[Draft]]:
    """One call for the reminders to one phone that fall due within ten days and belong to the same role."""
    numbers = {draft.number for draft in mine}
    along = joining.together(map(_of_phone, mine), _open_reminders(context, numbers), PURPOSE.days)
    heads = [draft for draft in mine if draft.occasion.anchor_key not in along]
    later = _drafted(*_reminders_ahead(context, {draft.number for draft in heads})) if heads else []
    wanted = [draft for draft in later if is_reminder(draft.version)]
    early = joining.together(map(_of_phone, [*heads, *wanted]), {}, PURPOSE.days)
    return _joined(drafts, along, PURPOSE), _with_one_of(heads, _joined(wanted, early, PURPOSE))


def _of_phone(draft: Draft) -> Candidate:
    key = draft.occasion.anchor_key
    return Candidate(key, (draft.number, draft.version.owner_role), draft.timing.due_on)


def _open_reminders(context: Context, numbers: Collection[str]) -> dict[Hashable, list[Standing]]:
    """{(number, role): the reminders to it that wait to be called}; two queries."""
    phones = Phone.objects.filter(store=context.store, number__in=numbers).order_by()
    number_of = dict(phones.values_list("pk", "number"))
    found: dict[Hashable, list[Standing]] = defaultdict(list)
    rows = _open(context).filter(phone_id__in=number_of).filter(_REMINDER)
    for pk, phone_id, due_on, role in rows.values_list("pk", "phone_id", "due_on", "rule_version__owner_role"):
        found[number_of[phone_id], role].append(Standing(due_on, pk))
    return found


_REMINDER = Q(rule_version__purpose=RuleVersion.Purpose.REMINDER) | Q(rule_version__offset_days__lt=0)


def _reminders_ahead(context: Context, numbers: Collection[str]) -> tuple[Context, list[Timed]]:
    """The reminders about the cars behind some numbers that fall due within the next ten days."""
    ahead = context.ahead(REMINDER_DAYS)
    looked_at = list(_plans_ahead(ahead, REMINDER_DAYS))
    if not looked_at:
        return ahead, []
    roles = VehicleRole.objects.current(context.today).filter(
        role__in=[VehicleRole.Kind.OWNER, VehicleRole.Kind.DRIVER],
        customer__phones__number__in=numbers,
        customer__store=context.store,
    )
    some_day = reduce(or_, (plan.source.within(min(plan.days), max(plan.days)) for plan in looked_at))
    cars = Vehicle.objects.filter(some_day, pk__in=roles.values("vehicle_id"))
    near = list(cars.order_by().values_list("pk", flat=True))
    timed: list[Timed] = []
    for rule, source, days in looked_at if near else ():
        timed += _read_days(ahead, rule, source, days, source.facts(context.store.pk).filter(pk__in=near))
    return ahead, timed


def _plans_ahead(ahead: Context, days: int) -> Iterator[Plan]:
    """The reminders by the days of a car, and the anchor days that fall due within the last `days` of a context."""
    for rule in ahead.rules:
        if not any(version.is_on and is_reminder(version) for version in rule.versions):
            continue
        found = _days_ahead(ahead, rule, days)
        anchors = {one.version.anchor for one in found.values()}
        for anchor in anchors:
            chosen = {day: one for day, one in found.items() if one.version.anchor == anchor}
            for source in occasions.sources(anchor, min(chosen), max(chosen), rework_apart=ahead.rework_apart):
                if source.facts(ahead.store.pk).model is Vehicle:
                    yield Plan(rule, source, chosen)


# ---- what is due only later ------------------------------------------------------------------------------------------


def _days_ahead(ahead: Context, rule: StoreRule, days: int, until: date | None = None) -> dict[date, Any]:
    """{anchor day: its due day} of a rule for the last `days` of a context; no anchor day after `until`."""
    since = ahead.day - timedelta(days=days - 1)
    found = due.due_days(rule.versions, ahead.calendar, since=since, until=ahead.day)
    return {one.anchor_on: one for one in found if until is None or one.anchor_on <= until}


def _read_days(
    ahead: Context, rule: StoreRule, source: Source, days: Mapping[date, Any], facts: QuerySet
) -> list[Timed]:
    """Which of the facts fall due on the days, and have no task; two queries."""
    if not days:
        return []
    ids = list(facts.filter(source.within(min(days), max(days))).order_by().values_list("pk", flat=True))
    batch: list[Occasion] = []
    if ids:
        read = occasions.read(source, ahead.store.pk, rule.ids, ids)
        batch = [one for one in read if one.anchor_on in days]
    return sift(ahead, rule, days, batch, StopFacts(ahead, batch))[0] if batch else []


def _drafted(ahead: Context, timed: Sequence[Timed]) -> list[Draft]:
    """The tasks of what is due later, as far as nothing stands against them."""
    if not timed:
        return []
    stop_facts = StopFacts(ahead, [one.occasion for one in timed])
    return [draft for draft in Drafting(ahead, timed, stop_facts).drafts() if draft.is_plain]


def _open(context: Context) -> QuerySet[Revisit]:
    """The calls that others may go along with: open, of their own, and in nobody's hands; oldest first."""
    rows = Revisit.objects.filter(store=context.store, head=None, state__in=CALLABLE_STATES)
    return rows.unclaimed(context.in_hand_at).order_by("due_on", "pk")


def _joined(drafts: Iterable[Draft], along: Mapping[Hashable, Along], group: Group) -> list[Draft]:
    """The drafts with their heads."""
    return [_with_head(draft, along.get(draft.occasion.anchor_key), group) for draft in drafts]


def _with_one_of(heads: Iterable[Draft], later: Iterable[Draft]) -> list[Draft]:
    """Those that go along with a call made now; two that would only go along with each other wait for their day."""
    made = {head.occasion.anchor_key for head in heads}
    return [one for one in later if one.head and one.head.anchor_key in made]


def _with_head(draft: Draft, along: Along | None, group: Group) -> Draft:
    if along is None:
        return draft
    return draft._replace(head=Head(along.task_id, str(along.key or "")), joined_as=group.joined_as.value)

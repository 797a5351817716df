"""Coverage: every delivery and visit of a period stands in exactly one part, and the parts add up (domain 4.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from crm_site.worktime import calendars
from crm_site.worktime.rules import DeskCalendar
from customers.models import Delivery, OrderState, RepairOrder
from revisits.generator.context import stores_rules
from revisits.generator.occasions import EXCLUDED_JOB_TYPES, EXCLUDED_SALE_TYPES
from revisits.models import CALLABLE_STATES, Revisit, RevisitRule, Skip
from revisits.rules import due
from revisits.rules.codes import Reason

#: the parts in the order in which they are shown; they add up to the facts of the period
DONE, FAILED, NOT_DUE, OVERDUE, NO_NUMBER, EXCUSED, CANCELLED, MISSING = PARTS = (
    "done", "failed", "not_due", "overdue", "no_number", "excused", "cancelled", "missing",
)  # fmt: skip
#: the parts that are told by result (未成功) or reason
EXPLAINED = (FAILED, EXCUSED, CANCELLED)
#: how an outcome begins -> its part; a fact without a task may have a skip with its reason
_PLACES = {
    "done": DONE, "failed": FAILED, "due": NOT_DUE, OVERDUE: OVERDUE, "no_number": NO_NUMBER, "excused": EXCUSED,
    "cancelled": CANCELLED,
}  # fmt: skip
_SKIP = "skip"
_SKIPS_CANCELLED = (Reason.RETURNED.value,)


@dataclass(frozen=True)
class Kind:
    """One line of coverage: which facts are counted, and which rules call them."""

    code: str
    facts: Callable[[Sequence[int]], QuerySet]
    day: str
    prefix: str
    link: str
    rules: tuple[str, ...]


def _deliveries(store_ids: Sequence[int]) -> QuerySet:
    return Delivery.objects.filter(store_id__in=store_ids, historical=False).exclude(sale_type__in=EXCLUDED_SALE_TYPES)


def _visits(store_ids: Sequence[int]) -> QuerySet:
    rows = RepairOrder.objects.filter(store_id__in=store_ids, historical=False, state=OrderState.SETTLED)
    return rows.exclude(job_type__in=EXCLUDED_JOB_TYPES)


SALES = Kind("sales", _deliveries, "delivered_on", "delivery:", "delivery", ("DLV_D3",))
SERVICE = Kind("service", _visits, "released_on", "order:", "repair_order", ("SVC_D3", "SVC_RW1"))
KINDS = {kind.code: kind for kind in (SALES, SERVICE)}


@dataclass(frozen=True)
class Coverage:
    """How many facts there are, how many of them stand in each part, and why: by result, or by reason."""

    total: int
    parts: dict[str, int]
    #: {part: {result or reason: count}} for the parts that have such
    details: dict[str, dict[str, int]]

    @property
    def adds_up(self) -> bool:
        """Whether the parts come to the total, which is counted by itself, and what they are made of to the parts."""
        made_of = all(sum(found.values()) == self.parts[part] for part, found in self.details.items())
        return made_of and sum(self.parts.values()) == self.total


def coverage(kind: Kind, store_ids: Sequence[int], first: date, last: date, *, today: date) -> Coverage:
    """The coverage of the facts of the days first…last of all stores; queries as `coverage_by_store`."""
    found = coverage_by_store(kind, store_ids, first, last, today=today).values()
    parts: Counter[str] = Counter(dict.fromkeys(PARTS, 0))
    details: dict[str, Counter[str]] = {part: Counter() for part in EXPLAINED}
    for one in found:
        parts.update(one.parts)
        for part, counts in one.details.items():
            details[part].update(counts)
    return Coverage(sum(one.total for one in found), dict(parts), {part: dict(one) for part, one in details.items()})


def coverage_by_store(
    kind: Kind, store_ids: Sequence[int], first: date, last: date, *, today: date
) -> dict[int, Coverage]:
    """The coverage of each store with facts of the days first…last; five queries, six for what is not made yet."""
    facts = _facts(kind, store_ids, first, last)
    grouped = _grouped(kind, facts, today)
    waits = _waiting(kind, [(row["at"], row["on"]) for row in grouped if not row["outcome"]], today)
    totals = dict(facts.order_by().values_list("store_id").annotate(n=Count("pk")))
    parts = {store_id: Counter(dict.fromkeys(PARTS, 0)) for store_id in totals}
    details = {store_id: {part: Counter[str]() for part in EXPLAINED} for store_id in totals}
    for row in grouped:
        store_id = row["at"]
        part, detail = place_of(row["outcome"], waits=(store_id, row["on"]) in waits)
        parts[store_id][part] += row["n"]
        if part in details[store_id]:
            details[store_id][part][detail] += row["n"]
    return {
        store_id: Coverage(total, dict(parts[store_id]), {one: dict(of) for one, of in details[store_id].items()})
        for store_id, total in totals.items()
    }


def valid_by_store(kind: Kind, store_ids: Sequence[int], first: date, last: date) -> dict[int, int]:
    """How many facts of the days first…last were called with success and brought a valid response, by store.

    What a customer answered face to face was never due, and stands outside the chain.
    """
    rows = _tasks(kind).filter(
        state=DONE,
        attempts__response__is_valid=True,
        attempts__response__excluded_at=None,
        **{f"{kind.link}__in": _facts(kind, store_ids, first, last).order_by().values("pk")},
    )
    return dict(rows.order_by().values_list("store_id").annotate(n=Count(kind.link, distinct=True)))


def facts_in(
    kind: Kind, store_ids: Sequence[int], first: date, last: date, *, today: date, part: str = "", detail: str = ""
) -> QuerySet:
    """The facts behind a number of coverage: of one part, of one result or reason in it; each with its `outcome`."""
    facts = _with_outcome(kind, _facts(kind, store_ids, first, last), today)
    if part not in PARTS:
        return facts
    without = Q(outcome=None)
    if part in (NOT_DUE, MISSING):
        pairs = facts.filter(without).order_by().values_list("store_id", kind.day).distinct()
        waits = _days(kind, _waiting(kind, list(pairs), today))
        without &= waits if part == NOT_DUE else ~waits
        return facts.filter(without | Q(outcome__startswith="due:") if part == NOT_DUE else without)
    return facts.filter(_tasks_in(part, detail) | _skips_in(part, detail))


def place_of(outcome: str | None, *, waits: bool = False) -> tuple[str, str]:
    """(part, result or reason) of an outcome; without one, the fact waits for its day or is missing."""
    if not outcome:
        return (NOT_DUE if waits else MISSING), ""
    code, _, detail = outcome.partition(":")
    if code == _SKIP:
        return (CANCELLED if detail in _SKIPS_CANCELLED else EXCUSED), detail
    return _PLACES[code], detail


def _tasks_in(part: str, detail: str) -> Q:
    """The outcomes of tasks that stand in a part."""
    found = Q(pk__in=[])
    for code, place in _PLACES.items():
        if place == part:
            found |= Q(outcome=f"{code}:{detail}") if detail else Q(outcome__startswith=f"{code}:")
    return found


def _skips_in(part: str, detail: str) -> Q:
    """The outcomes of skips that stand in a part: returned cars are cancelled, the rest was not to be called."""
    if part not in (EXCUSED, CANCELLED):
        return Q(pk__in=[])
    returned = Q(outcome__in=[f"{_SKIP}:{reason}" for reason in _SKIPS_CANCELLED])
    found = returned if part == CANCELLED else Q(outcome__startswith=f"{_SKIP}:") & ~returned
    return found & Q(outcome=f"{_SKIP}:{detail}") if detail else found


def _facts(kind: Kind, store_ids: Sequence[int], first: date, last: date) -> QuerySet:
    return kind.facts(store_ids).filter(**{f"{kind.day}__range": (first, last)})


def _grouped(kind: Kind, facts: QuerySet, today: date) -> list[dict[str, Any]]:
    """How many facts have each `outcome`, by store and day.

    What has a call of its own is read from the calls, the rest from the facts: asked for each fact, as for a list, the
    engine would look up every call by itself, which takes a year of visits four times as long.
    """
    tasks = _tasks(kind)
    called = _first_of_each(kind, facts, tasks).annotate(outcome=_outcome(today)).order_by()
    rows = called.values("outcome", at=F(f"{kind.link}__store"), on=F(f"{kind.link}__{kind.day}"))
    left = facts.exclude(Exists(tasks.filter(**{kind.link: OuterRef("pk")}))).order_by()
    others = left.annotate(outcome=_second_outcome(kind, tasks, today))
    others = others.values("outcome", at=F("store"), on=F(kind.day))
    return [*rows.annotate(n=Count("pk")), *others.annotate(n=Count("pk"))]


def _first_of_each(kind: Kind, facts: QuerySet, tasks: QuerySet[Revisit]) -> QuerySet[Revisit]:
    """The first task of each fact that has one of its own."""
    earlier = tasks.filter(**{kind.link: OuterRef(kind.link)}, pk__lt=OuterRef("pk"))
    return tasks.filter(**{f"{kind.link}__in": facts.order_by().values("pk")}).exclude(Exists(earlier))


def _with_outcome(kind: Kind, facts: QuerySet, today: date) -> QuerySet:
    """Each fact with its `outcome`: "state:result or reason" of the call that covers it, else "skip:reason".

    One column, as the engine looks for a reason only where it finds no call. A task that joined another one's call has
    a state of its own, so that each car of a fleet counts.
    """
    tasks = _tasks(kind)
    own = _first_outcome(tasks.filter(**{kind.link: OuterRef("pk")}), today)
    return facts.annotate(outcome=Coalesce(own, _second_outcome(kind, tasks, today)))


def _second_outcome(kind: Kind, tasks: QuerySet[Revisit], today: date) -> Any:
    """What a fact without a task of its own may have: another visit's call that covers it, a reason for none."""
    key = Concat(Value(kind.prefix), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    skip = Skip.objects.filter(store=OuterRef("store"), rule__code__in=kind.rules, anchor_key=key).order_by("pk")
    told = skip.annotate(outcome=Concat(Value(f"{_SKIP}:"), "reason", output_field=CharField()))
    reason = Subquery(told.values("outcome")[:1])
    if kind.link != "repair_order":
        return reason
    return Coalesce(_first_outcome(tasks.filter(further_orders__repair_order=OuterRef("pk")), today), reason)


def _tasks(kind: Kind) -> QuerySet[Revisit]:
    """The calls of a kind by the keys of its rules: of their codes the engine cannot guess how many calls have them."""
    keys = RevisitRule.objects.filter(code__in=kind.rules).values_list("pk", flat=True)
    return Revisit.objects.filter(rule__in=list(keys))


def _first_outcome(tasks: QuerySet[Revisit], today: date) -> Subquery:
    return Subquery(tasks.order_by("pk").annotate(outcome=_outcome(today)).values("outcome")[:1])


def _outcome(today: date) -> Concat:
    """What became of a call: "state:result or reason"."""
    state = Case(
        When(state__in=CALLABLE_STATES, expires_on__lt=today, then=Value(OVERDUE)),
        When(state__in=CALLABLE_STATES, then=Value("due")),
        default="state",
        output_field=CharField(),
    )
    why = Case(
        When(state="failed", last_result__isnull=False, then="last_result__code"),
        When(state__in=("failed", "excused", "cancelled"), then="reason"),
        default=Value(""),
        output_field=CharField(),
    )
    return Concat(state, Value(":"), why, output_field=CharField())


def _waiting(kind: Kind, pairs: list[tuple[int, date]], today: date) -> set[tuple[int, date]]:
    """The days of facts without task or skip that are not due yet, by the rule and calendar of their store."""
    if not pairs:
        return set()
    store_ids = {store_id for store_id, _day in pairs}
    desks = calendars.desk_calendars(store_ids, first=min(day for _store, day in pairs))  # due after the fact
    rules = stores_rules(store_ids, kind.rules[0])
    versions = {store_id: found[0].versions if found else () for store_id, found in rules.items()}
    return {
        (store_id, day)
        for store_id, day in set(pairs)
        if _is_ahead(due.under(day, versions[store_id], desks[store_id]), today, desks[store_id])
    }


def _days(kind: Kind, pairs: set[tuple[int, date]]) -> Q:
    """A condition for the facts of some days of some stores."""
    found = Q(pk__in=[])
    for store_id in {store for store, _day in pairs}:
        found |= Q(**{"store_id": store_id, f"{kind.day}__in": [day for store, day in pairs if store == store_id]})
    return found


def _is_ahead(found: due.DueDay | None, today: date, desk: DeskCalendar) -> bool:
    """Whether a call will be due only later, or may be: after a long closure the calls of a day are spread."""
    return found is not None and found.version.is_on and due.latest_due_day(found, desk) > today

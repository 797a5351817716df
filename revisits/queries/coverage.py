"""Coverage: every delivery and visit of a period stands in exactly one part, and the parts add up (domain 4.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from crm_site.worktime import calendars
from customers.models import Delivery, OrderState, RepairOrder
from revisits.generator.context import stores_rules
from revisits.generator.occasions import EXCLUDED_JOB_TYPES, EXCLUDED_SALE_TYPES
from revisits.models import CALLABLE_STATES, Revisit, Skip
from revisits.rules import due
from revisits.rules.codes import Reason

#: the parts in the order in which they are shown; they add up to the facts of the period
DONE, FAILED, NOT_DUE, OVERDUE, NO_NUMBER, EXCUSED, CANCELLED, MISSING = PARTS = (
    "done", "failed", "not_due", "overdue", "no_number", "excused", "cancelled", "missing",
)  # fmt: skip
#: an open task whose deadline has passed, as the database says it
_LATE = "late_open"
_OF_STATE = {
    "done": DONE, "failed": FAILED, "due": NOT_DUE, "in_progress": NOT_DUE, _LATE: OVERDUE,
    "no_number": NO_NUMBER, "excused": EXCUSED, "cancelled": CANCELLED,
}  # fmt: skip


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
    """How many facts there are, and how many of them stand in each part."""

    total: int
    parts: dict[str, int]

    @property
    def adds_up(self) -> bool:
        """Whether the parts come to the total, which is counted by itself."""
        return sum(self.parts.values()) == self.total


def coverage(kind: Kind, store_ids: Sequence[int], first: date, last: date, *, today: date) -> Coverage:
    """The coverage of the facts of the days first…last; two queries, and four for what is not made yet."""
    facts = kind.facts(store_ids).filter(**{f"{kind.day}__range": (first, last)})
    total = facts.count()
    rows = _with_outcome(kind, facts, today).order_by()
    grouped = rows.values("outcome", "store_id", kind.day).annotate(n=Count("pk"))
    parts: Counter[str] = Counter(dict.fromkeys(PARTS, 0))
    without_task: list[tuple[int, date, int]] = []
    for row in grouped:
        part = _OF_STATE.get(row["outcome"] or "") or _of_skip(row["outcome"])
        if part:
            parts[part] += row["n"]
        else:
            without_task.append((row["store_id"], row[kind.day], row["n"]))
    for part, count in _without_task(kind, without_task, today):
        parts[part] += count
    return Coverage(total, dict(parts))


def _with_outcome(kind: Kind, facts: QuerySet, today: date) -> QuerySet:
    """Each fact with its `outcome`: the state of the call that covers it, else the reason for which there is none.

    One column, as the engine looks for a reason only where it finds no call; no state is spelled like a reason.
    """
    state = Case(
        When(state__in=CALLABLE_STATES, expires_on__lt=today, then=Value(_LATE)),
        default="state",
        output_field=CharField(),
    )
    tasks = Revisit.objects.filter(rule__code__in=kind.rules)
    own = tasks.filter(**{kind.link: OuterRef("pk")}).order_by("pk").annotate(outcome=state).values("outcome")[:1]
    found = [Subquery(own)]
    if kind.link == "repair_order":
        covered = tasks.filter(further_orders__repair_order=OuterRef("pk")).order_by("pk").annotate(outcome=state)
        found.append(Subquery(covered.values("outcome")[:1]))
    key = Concat(Value(kind.prefix), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    skip = Skip.objects.filter(store=OuterRef("store"), rule__code__in=kind.rules, anchor_key=key)
    return facts.annotate(outcome=Coalesce(*found, Subquery(skip.order_by("pk").values("reason")[:1])))


def _of_skip(reason: str | None) -> str | None:
    """The part of a fact that was skipped: returned cars are cancelled, the rest was not to be called."""
    if not reason:
        return None
    return CANCELLED if reason == Reason.RETURNED else EXCUSED


def _without_task(kind: Kind, rows: list[tuple[int, date, int]], today: date) -> list[tuple[str, int]]:
    """Facts without task or skip: not due yet by the rule and calendar of their store, or missing."""
    if not rows:
        return []
    store_ids = {store_id for store_id, _day, _n in rows}
    desks = calendars.desk_calendars(store_ids, first=min(day for _store, day, _n in rows))  # due after the fact
    rules = stores_rules(store_ids, kind.rules[0])
    versions = {store_id: found[0].versions if found else () for store_id, found in rules.items()}
    return [
        (NOT_DUE if _waits(due.under(day, versions[store_id], desks[store_id]), today) else MISSING, count)
        for store_id, day, count in rows
    ]


def _waits(found: due.DueDay | None, today: date) -> bool:
    """Whether a call will be due only later."""
    return found is not None and found.version.is_on and found.due_on > today


def calls_in(part: str, rows: QuerySet[Revisit], *, today: date) -> QuerySet[Revisit]:
    """The calls that stand in a part, out of `rows`; an unknown part is everything."""
    if part not in PARTS:
        return rows
    open_states = Q(state__in=CALLABLE_STATES)
    conditions = {
        NOT_DUE: open_states & Q(expires_on__gte=today),
        OVERDUE: open_states & Q(expires_on__lt=today),
    }
    return rows.filter(conditions.get(part, Q(state=part)))

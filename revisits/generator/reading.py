"""How occasions are found and read: a source for each anchor, its candidates by day, and the facts of one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Exists, Expression, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from crm_site.core import clock
from revisits.models import Revisit, RevisitOrder, Skip
from revisits.rules.codes import Reason
from revisits.rules.conditions import Subject
from revisits.rules.due import RECORDED_LATE_DAYS

#: facts older than this are history, whenever they were imported: not even a skip is written
LOOK_BACK_DAYS = 400


@dataclass(frozen=True)
class Occasion:
    """One fact as the generator sees it."""

    fact_id: int
    anchor_key: str
    anchor_on: date
    #: when we learned of the fact; None for a forecast, which may have moved here today
    recorded_on: date | None
    vehicle_id: int | None
    vehicle_state: str
    customer_id: int | None
    customer_name: str
    restricted: bool
    #: whether the customer has agreed to renewal and marketing calls
    consent: bool = False
    #: whether they have said that they do not want them
    refuses_marketing: bool = False
    #: why the fact is never an occasion: historical, or of an excluded kind
    excluded: Reason | None = None
    #: what the conditions of a rule may ask about it
    subject: Subject = Subject()
    delivery_id: int | None = None
    repair_order_id: int | None = None
    complaint_id: int | None = None
    picker: str = ""
    bringer: str = ""
    bringer_phone: str = ""


#: the facts anchored on the days first…last, as a condition with literals: an index range, no arithmetic in SQL
Within = Callable[[date, date], Q]


@dataclass(frozen=True)
class Source:
    """The facts behind one anchor."""

    facts: Callable[[int], QuerySet]
    within: Within
    key: Expression
    columns: tuple[str, ...]
    read: Callable[[dict[str, Any]], Occasion]
    #: the anchor day in a row that has the columns `day_columns`: enough to place an occasion without its people
    day_columns: tuple[str, ...]
    anchor_day: Callable[..., date]
    #: what reading an occasion joins in addition
    joined: Callable[[QuerySet], QuerySet] = lambda rows: rows
    order: tuple[str, ...] = ("pk",)
    #: whether visits of one car within a few days are one call
    merges: bool = False
    #: whether a fact may be learned long after its day: such facts come along once, to be skipped with that reason
    told: bool = False
    #: whether the day is a forecast: where its window has closed it is no occasion any more
    forecast: bool = False


def candidates(
    source: Source,
    store_id: int,
    rule_ids: Iterable[int],
    *,
    first: date,
    last: date,
    today: date,
    open_from: date | None = None,
    is_wanted: Callable[[str, date], bool] | None = None,
) -> list[int]:
    """Ids of the facts anchored on first…last that have no task of the rule yet, in the order of the source.

    What has no task because it was skipped is looked at again; but facts older than first…last that were only just
    learned, and days whose window has closed (before `open_from`), come along once. `is_wanted` looks at anchor_key and
    anchor day where these decide whether a fact is due at all.
    """
    keyed = source.facts(store_id).annotate(anchor_key=source.key)
    same = {"store_id": store_id, "rule_id__in": list(rule_ids), "anchor_key": OuterRef("anchor_key")}
    free = ~Exists(Revisit.objects.filter(**same))
    if source.merges:
        free &= ~_covered(rule_ids)
    spans = _looked_at(source, first, last, open_from or first, today, once=~Q(Exists(Skip.objects.filter(**same))))
    return [pk for span in spans for pk in _wanted(source, keyed.filter(span, free), is_wanted)]


def _wanted(source: Source, rows: QuerySet, is_wanted: Callable[[str, date], bool] | None) -> list[int]:
    """The ids of these facts, those left out that are not due for a reason that only their key and day tell."""
    rows = rows.order_by(*source.order)
    if is_wanted is None:
        return list(rows.values_list("pk", flat=True))
    # no iterator(): for a cursor PostgreSQL plans to give the first rows soon, and all of them take many times as long
    lines = rows.values_list("pk", "anchor_key", *source.day_columns)
    return [pk for pk, key, *days in lines if is_wanted(key, source.anchor_day(*days))]


def _looked_at(source: Source, first: date, last: date, open_from: date, today: date, *, once: Q) -> list[Q]:
    """The facts to look at, each span by its own index: those of the days, and `once` what is too old to look again."""
    if source.told:
        newly_learned = Q(recorded_on__gte=today - timedelta(days=RECORDED_LATE_DAYS))
        before = source.within(first - timedelta(days=LOOK_BACK_DAYS), first - timedelta(days=1))
        return [source.within(first, last), before & newly_learned & once]
    open_days = source.within(open_from, last)
    if source.forecast or open_from <= first:
        return [open_days]
    return [open_days, source.within(first, open_from - timedelta(days=1)) & once]


def read(source: Source, store_id: int, rule_ids: Iterable[int], ids: list[int]) -> Iterator[Occasion]:
    """The occasions of these facts that still have no task (another generator may have been faster)."""
    same = {"store_id": store_id, "rule_id__in": list(rule_ids), "anchor_key": OuterRef("anchor_key")}
    rows = source.joined(source.facts(store_id)).filter(pk__in=ids).annotate(anchor_key=source.key)
    rows = rows.filter(~Exists(Revisit.objects.filter(**same))).order_by(*source.order)
    if source.merges:
        rows = rows.filter(~_covered(rule_ids))
    return map(source.read, rows.values("pk", "anchor_key", *source.columns))


def _covered(rule_ids: Iterable[int]) -> Exists:
    """An order that a call of the rule covers too; nested rather than joined, so that both steps go by their index."""
    call = Revisit.objects.filter(pk=OuterRef("revisit_id"), rule_id__in=list(rule_ids))
    return Exists(RevisitOrder.objects.filter(Exists(call), repair_order=OuterRef("pk")))


def on_days(column: str) -> Within:
    """Facts whose day stands in a DATE column."""
    return lambda first, last: Q((f"{column}__range", (first, last)))


def at_moments(column: str) -> Within:
    """Facts whose day is that of a moment."""

    def within(first: date, last: date) -> Q:
        start, end = clock.day_bounds(first, last)
        return Q((f"{column}__gte", start), (f"{column}__lt", end))

    return within


def key(*parts: str) -> Expression:
    """anchor_key as the database spells it: texts, and columns behind an '@' (0 for an empty one)."""
    return Concat(
        *(_column(part[1:]) if part.startswith("@") else Value(part) for part in parts), output_field=CharField()
    )


def _column(name: str) -> Expression:
    """A column as text; a day is spelled YYYY-MM-DD by both engines."""
    return Coalesce(Cast(name, CharField()), Value("0"), output_field=CharField())

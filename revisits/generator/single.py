"""One customer's or one car's occasions, found, read and decided by the generator's own code, without writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from customers.models import Customer, Vehicle
from revisits.generator import occasions
from revisits.generator.context import Context, StoreRule
from revisits.generator.decide import Decisions, decide
from revisits.generator.occasions import Occasion, Source
from revisits.generator.reading import LOOK_BACK_DAYS
from revisits.rules import due
from revisits.rules.due import DueDay

#: the newest facts of one source that are looked at; older ones have had their call long ago
MOST_FACTS = 20


@dataclass(frozen=True)
class Subject:
    """Whose occasions: a customer with the cars, or a single car with its owner."""

    customer_ids: frozenset[int]
    vehicle_ids: frozenset[int]

    def of(self, rows: QuerySet) -> QuerySet:
        """The rows of a source's facts that concern the subject."""
        if rows.model is Vehicle:
            return rows.filter(pk__in=self.vehicle_ids)
        if rows.model is Customer:
            return rows.filter(pk__in=self.customer_ids)
        return rows.filter(self.about())

    def about(self) -> Q:
        """Rows that name the customer or one of the cars."""
        return Q(customer_id__in=self.customer_ids) | Q(vehicle_id__in=self.vehicle_ids)


@dataclass(frozen=True)
class Opinion:
    """What the generator makes of the facts of one source under one rule that have no task."""

    rule: StoreRule
    found: Decisions
    #: the days of each anchor day that was looked at
    days: dict[date, DueDay]


def opinions(context: Context, rule: StoreRule, subject: Subject) -> Iterator[Opinion]:
    """What a run would make of a subject's facts under a rule: today, and up to `context.day` if nothing changes.

    Two queries for each anchor of the rule, and those of decide() where there are facts.
    """
    first = due.oldest_due_day(rule.versions, context.today, context.start, context.calendar)
    begin = due.first_anchor_day(rule.versions, first)
    end = context.day + timedelta(days=due.LONGEST_SHIFT - min(version.offset_days for version in rule.versions))
    for anchor in sorted({version.anchor for version in rule.versions}):
        for source in occasions.sources(anchor, begin, end, rework_apart=context.rework_apart):
            narrowed = replace(source, facts=partial(_facts_of, source, subject))
            batch = _read(context, rule, narrowed, begin, end)
            if batch:
                days = _days(context, rule, anchor, first, batch)
                yield Opinion(rule, decide(context, rule, narrowed, days, batch), days)


def _facts_of(source: Source, subject: Subject, store_id: int) -> QuerySet:
    return subject.of(source.facts(store_id))


def _read(context: Context, rule: StoreRule, source: Source, begin: date, end: date) -> list[Occasion]:
    """The facts that have no task of the rule; of told ones also older ones, which are too old by now."""
    if source.told:
        begin -= timedelta(days=LOOK_BACK_DAYS)
    rows = source.facts(context.store.pk).filter(source.within(begin, end)).order_by("-pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_FACTS])
    return list(occasions.read(source, context.store.pk, rule.ids, ids)) if ids else []


def _days(context: Context, rule: StoreRule, anchor: str, first: date, batch: list[Occasion]) -> dict[date, DueDay]:
    """The days of the batch that a run looks at, by the same conditions as plans.of_rule."""
    found = {}
    for anchor_on in {one.anchor_on for one in batch}:
        one = due.under(anchor_on, rule.versions, context.calendar)
        if one is None or not one.version.is_on or one.due_on < first:
            continue
        version: Any = one.version
        is_open = anchor in due.TOLD_FACTS or one.expires_on >= context.start.on
        if version.anchor == anchor and is_open:
            found[anchor_on] = one
    return found

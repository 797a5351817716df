"""Visits of one car within a few days are one call: which of a batch another call covers, also those due only later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from revisits.generator.context import Context, StoreRule
from revisits.generator.drafting import Timed, sift
from revisits.generator.occasions import Occasion
from revisits.generator.standing import Standing
from revisits.models import OPEN_STATES, Revisit
from revisits.rules import contact
from revisits.rules.contact import Cover, Visit
from revisits.rules.due import DueDay, Treatment

CALLABLE = (Treatment.CALL, Treatment.CALL_LATE)


def merged(
    context: Context,
    store_rule: StoreRule,
    days: Mapping[date, DueDay],
    timed: Iterable[Timed],
    coming: Sequence[Occasion],
    *,
    standing: Standing,
) -> dict[int, Cover]:
    """The visits that another call covers; missed ones stand for themselves.

    `coming`, those of the days that are due only later, go along with a call that is to be made before: once it is
    made, they would bring another one a day or two after it.
    """
    visits = _visits(timed)
    tasks = _open_tasks(store_rule, visits, coming)
    covered = contact.merge_visits(visits, tasks)
    heads: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for visit in visits:
        if visit.key not in covered:
            heads[visit.vehicle_id].append((visit.on, visit.key))
    near = [one for one in coming if one.vehicle_id in tasks or one.vehicle_id in heads]
    if near:
        later = _visits(sift(context, store_rule, days, near, standing, until=date.max)[0])
        by_heads, by_tasks = contact.merge_visits(later, heads), contact.merge_visits(later, tasks)
        covered |= {key: Cover(visit=cover.task_id) for key, cover in by_heads.items() if cover.task_id}
        covered |= {key: cover for key, cover in by_tasks.items() if cover.task_id}
    return covered


def _visits(timed: Iterable[Timed]) -> list[Visit]:
    """The visits that are to be asked about."""
    return [
        Visit(one.occasion.fact_id, one.occasion.vehicle_id, one.occasion.anchor_on)
        for one in timed
        if one.occasion.vehicle_id and one.timing.treatment in CALLABLE
    ]


def _open_tasks(
    store_rule: StoreRule, visits: Iterable[Visit], coming: Iterable[Occasion]
) -> dict[int, list[tuple[date, int]]]:
    """{car: its open tasks of the rule as (anchor day, id)}."""
    cars = {visit.vehicle_id for visit in visits} | {one.vehicle_id for one in coming if one.vehicle_id}
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    # By car alone: SQLite, which keeps no statistics here, would else read every task of the rule.
    rows = Revisit.objects.filter(vehicle_id__in=cars, state__in=OPEN_STATES)
    columns = ("vehicle_id", "anchor_on", "pk", "rule_id")
    for vehicle_id, anchor_on, pk, rule_id in rows.order_by("anchor_on", "pk").values_list(*columns):
        if rule_id in store_rule.ids:
            found[vehicle_id].append((anchor_on, pk))
    return found

"""Decides what becomes of each occasion of a batch: a task and its state, a skip and why, or part of another call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from revisits.generator import joining, pressure
from revisits.generator.context import Context, StoreRule
from revisits.generator.drafting import Draft, Drafting, SkipDraft, Timed, sift
from revisits.generator.occasions import Occasion, Source
from revisits.generator.standing import Standing
from revisits.models import OPEN_STATES, Revisit
from revisits.rules import contact
from revisits.rules.contact import Cover, Visit
from revisits.rules.due import DueDay, Treatment

CALLABLE = (Treatment.CALL, Treatment.CALL_LATE)

__all__ = ["Decisions", "Draft", "SkipDraft", "decide"]


@dataclass
class Decisions:
    """What a batch comes to."""

    tasks: list[Draft] = field(default_factory=list)
    skips: list[SkipDraft] = field(default_factory=list)
    covered: dict[int, Cover] = field(default_factory=dict)
    #: tasks that are due only later, made early because they are made together with one of the tasks
    early: list[Draft] = field(default_factory=list)


def decide(
    context: Context, store_rule: StoreRule, source: Source, days: Mapping[date, DueDay], batch: Sequence[Occasion]
) -> Decisions:
    """What becomes of a batch of occasions of one rule; reads a fixed number of times, writes nothing.

    `days` maps the anchor days that the rule looks at to their due days; an older occasion counts as too old.
    """
    found = Decisions()
    standing = Standing(context, batch)
    timed, found.skips = sift(context, store_rule, days, batch, standing)
    if source.merges:
        found.covered = _merged(store_rule, timed)
    mine = [one for one in timed if one.occasion.fact_id not in found.covered]
    drafts = Drafting(context, mine, standing).drafts()
    drafts, found.early = joining.join(context, store_rule, source, drafts)
    found.tasks = pressure.hold_back(context, drafts)
    return found


def _merged(store_rule: StoreRule, timed: Iterable[Timed]) -> dict[int, Cover]:
    """The visits that another call covers; missed ones stand for themselves."""
    visits = [
        Visit(one.occasion.fact_id, one.occasion.vehicle_id, one.occasion.anchor_on)
        for one in timed
        if one.occasion.vehicle_id and one.timing.treatment in CALLABLE
    ]
    open_tasks: dict[int, list[tuple[date, int]]] = defaultdict(list)
    # By car alone: SQLite, which keeps no statistics here, would else read every task of the rule.
    rows = Revisit.objects.filter(vehicle_id__in={visit.vehicle_id for visit in visits}, state__in=OPEN_STATES)
    columns = ("vehicle_id", "anchor_on", "pk", "rule_id")
    for vehicle_id, anchor_on, pk, rule_id in rows.order_by("anchor_on", "pk").values_list(*columns):
        if rule_id in store_rule.ids:
            open_tasks[vehicle_id].append((anchor_on, pk))
    return contact.merge_visits(visits, open_tasks)

"""Decides what becomes of each occasion of a batch: a task and its state, a skip and why, or part of another call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from revisits.generator import joining, merging, pressure
from revisits.generator.context import Context, StoreRule
from revisits.generator.drafting import Draft, Drafting, SkipDraft, sift
from revisits.generator.occasions import Occasion, Source
from revisits.generator.standing import Standing
from revisits.rules.contact import Cover
from revisits.rules.due import DueDay

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

    `days` maps the anchor days that the rule looks at to their due days; an older occasion counts as too old, and one
    that is due after the context's day is only looked at to see whether another call covers it.
    """
    found = Decisions()
    standing = Standing(context, batch)
    timed, found.skips = sift(context, store_rule, days, batch, standing)
    if source.merges:
        decided = {one.occasion.fact_id for one in (*timed, *found.skips)}
        coming = [one for one in batch if one.fact_id not in decided and one.anchor_on in days]
        found.covered = merging.merged(context, store_rule, days, timed, coming, standing=standing)
    mine = [one for one in timed if one.occasion.fact_id not in found.covered]
    drafts = Drafting(context, mine, standing).drafts()
    drafts, found.early = joining.join(context, store_rule, source, drafts, found.covered.keys())
    found.tasks = pressure.hold_back(context, drafts)
    return found

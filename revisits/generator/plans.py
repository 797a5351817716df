"""What a run looks at: for each rule the anchor days that matter and the facts on them that have no task yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from revisits.generator import occasions
from revisits.generator.context import Context, StoreRule
from revisits.generator.occasions import Source
from revisits.rules import due
from revisits.rules.contact import MERGE_DAYS
from revisits.rules.due import DueDay

#: facts that are decided together: a transaction short enough not to keep the desk waiting on SQLite's one write lock
BATCH = 1_000


class Plan(NamedTuple):
    """The facts of one rule to look at, and what their anchor days come to."""

    rule: StoreRule
    source: Source
    days: dict[date, DueDay]


def plans(context: Context) -> list[Plan]:
    """What to look at for all rules of a store, most urgent first."""
    return [plan for rule in context.rules for plan in of_rule(context, rule)]


def of_rule(context: Context, rule: StoreRule) -> Iterable[Plan]:
    """What to look at for a rule: one plan for each anchor of its versions, several where a day comes every year."""
    oldest = due.oldest_due_day(rule.versions, context.day, context.start, context.calendar)
    by_anchor: dict[str, dict[date, DueDay]] = {}
    for one in due.due_days(rule.versions, context.calendar, since=oldest, until=context.day):
        version: Any = one.version
        if version.anchor in due.TOLD_FACTS or one.expires_on >= context.start.on:
            by_anchor.setdefault(version.anchor, {})[one.anchor_on] = one
    for anchor, days in by_anchor.items():
        for source in occasions.sources(anchor, min(days), max(days), rework_apart=context.rework_apart):
            yield Plan(rule, source, days | _coming(context, rule, days) if source.merges else days)


def _coming(context: Context, rule: StoreRule, days: Mapping[date, DueDay]) -> dict[date, DueDay]:
    """The anchor days after those that are due: a visit on them may be asked about in the call of an earlier one."""
    last = max(days)
    following = (last + timedelta(days=n + 1) for n in range(MERGE_DAYS))
    found = [due.under(day, rule.versions, context.calendar) for day in following]
    anchor = days[last].version.anchor
    return {one.anchor_on: one for one in found if one and one.version.is_on and one.version.anchor == anchor}


def batches(context: Context, plan: Plan) -> Iterator[list[int]]:
    """The ids of the facts of a plan that have no task yet, by BATCH."""
    rule, source, days = plan
    ids = occasions.candidates(
        source, context.store.pk, rule.ids, first=min(days), last=max(days), today=context.today,
        open_from=open_from(context, days), is_wanted=_is_due(context, days),
    )  # fmt: skip
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def open_from(context: Context, days: Mapping[date, DueDay]) -> date:
    """The first anchor day whose window is still open; the day after the last where none is."""
    still_open = (day for day, found in days.items() if found.expires_on >= context.day)
    return min(still_open, default=max(days) + due.ONE_DAY)


def _is_due(context: Context, days: Mapping[date, DueDay]) -> Callable[[str, date], bool] | None:
    """Leaves out the occasions that levelling or the ramp put on a later day; None where it moves nothing."""
    if not any(due.moves(found, context.start) for found in days.values()):
        return None

    def is_due(anchor_key: str, anchor_on: date) -> bool:
        found = days.get(anchor_on)
        if found is None or found.due_on > context.day:
            return True
        return due.placed(found, anchor_key, context.start, context.calendar).due_on <= context.day

    return is_due

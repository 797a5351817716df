"""Why somebody is on today's list, is not, or will be: each rule with its facts, and one verdict out of them.

What has a task is told from the task; what has none is told by the generator's own code (generator.single).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from crm_site.accounts.models import Membership
from crm_site.core import clock
from customers.models import Customer, Vehicle, VehicleRole
from revisits.generator.context import Context, StoreRule, context_for, store_rules
from revisits.generator.decide import Draft, SkipDraft
from revisits.generator.single import Opinion, Subject, opinions
from revisits.models import CALLABLE_STATES, Revisit, Skip, State
from revisits.queries.desk import in_workshop
from revisits.queries.lists import on_list
from revisits.stops import with_stop

#: how far ahead calls are foreseen
AHEAD = timedelta(days=400)
#: an ended call older than this no longer explains why somebody is not on the list
RECENT = timedelta(days=60)
#: calls and skips that are read, newest first
MOST = 100
#: lines that are shown for one rule
LINES = 4


class Kind(StrEnum):
    """How a fact stands under a rule."""

    ON_LIST = "on_list"
    WAITS = "waits"  # has a task that is not on today's list: put off, joined, later
    NO_NUMBER = "no_number"
    ENDED = "ended"
    NEXT_RUN = "next_run"  # the next run of the generator makes its task
    COMES = "comes"
    LEFT_OUT = "left_out"  # no task, with the reason
    COVERED = "covered"  # part of another call


@dataclass(frozen=True)
class Line:
    """One fact under one rule: its days, and what became or becomes of it."""

    rule: StoreRule
    kind: Kind
    anchor_key: str
    anchor_on: date
    due_on: date
    expires_on: date | None = None
    reason: str = ""
    task: Revisit | None = None
    draft: Draft | None = None
    #: by how many days closed desk days moved the due day (negative: earlier)
    shift: int = 0
    #: why the task would end when somebody takes it: a fact that has come up since the last run
    stop: str = ""
    #: the car stands in the workshop: the call waits for its release
    in_workshop: bool = False


@dataclass(frozen=True)
class RuleStory:
    """One rule as it holds in the store, and the facts of the subject under it, the nearest first."""

    rule: StoreRule
    is_on: bool
    #: a role that the store lacks (DLV_D1 needs frontline logins); '' = none
    lacks_role: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Verdict:
    """The answer: on today's list or not, by which line; and the next line to come."""

    on_list: bool
    line: Line | None
    coming: Line | None


@dataclass(frozen=True)
class Story:
    """Everything that the page tells."""

    verdict: Verdict
    rules: tuple[RuleStory, ...]


def of_customer(customer: Customer, *, now: datetime, today: date) -> Story:
    """Why a customer is on today's list or not, by all their present cars; a fixed number of queries."""
    held = VehicleRole.objects.current(today).filter(customer=customer, role=VehicleRole.Kind.OWNER)
    cars = frozenset(held.values_list("vehicle_id", flat=True))
    return story(customer.store_id, Subject(frozenset({customer.pk}), cars), now=now, today=today)


def of_vehicle(vehicle: Vehicle, *, now: datetime, today: date) -> Story:
    """Why a car is on today's list or not."""
    return story(vehicle.store_id, Subject(frozenset(), frozenset({vehicle.pk})), now=now, today=today)


def story(store_id: int, subject: Subject, *, now: datetime, today: date) -> Story:
    """The rules of a store with what each of them makes of a subject, and the verdict."""
    context = replace(context_for(store_id, today + AHEAD, today), now=now)
    rules = store_rules(store_id)
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in (*_of_tasks(context, subject, rules, now, today), *_of_facts(context, subject, today)):
        lines[line.rule.rule.code].append(line)
    _add_skips(context, subject, rules, lines)
    roles = frozenset(Membership.objects.filter(store_id=store_id, user__is_active=True).values_list("role", flat=True))
    stories = tuple(_rule_story(rule, lines[rule.rule.code], roles, today) for rule in rules)
    return Story(verdict([line for one in stories for line in one.lines], today), stories)


def _rule_story(rule: StoreRule, lines: list[Line], roles: frozenset[str], today: date) -> RuleStory:
    version = rule.on(today)
    wanted = str(version.conditions.get("where_role") or "") if version else ""
    is_on = version is not None and version.is_on
    shown = sorted(lines, key=lambda line: (_WEIGHT[line.kind], abs((line.due_on - today).days), line.anchor_key))
    return RuleStory(rule, is_on, wanted if wanted and wanted not in roles else "", tuple(shown[:LINES]))


#: the order in which the lines of a rule stand, and in which they answer why somebody is not on the list
_WEIGHT = {kind: weight for weight, kind in enumerate((
    Kind.ON_LIST, Kind.WAITS, Kind.NO_NUMBER, Kind.NEXT_RUN, Kind.COMES, Kind.LEFT_OUT, Kind.COVERED, Kind.ENDED,
))}  # fmt: skip


# ---- what has a task -------------------------------------------------------------------------------------------------


def _of_tasks(
    context: Context, subject: Subject, rules: Iterable[StoreRule], now: datetime, today: date
) -> Iterator[Line]:
    """The subject's calls: open ones all, ended ones lately."""
    rule_of = {pk: rule for rule in rules for pk in rule.ids}
    rows = with_stop(Revisit.objects.filter(subject.about(), store=context.store), today)
    rows = rows.annotate(in_workshop=in_workshop(today))
    rows = rows.order_by("-due_on", "-pk").select_related("customer", "vehicle", "complaint", "phone")
    rows = rows.prefetch_related(
        "rule", "rule_version", "delivery__sales_consultant", "repair_order", "last_result", "claimed_by",
        "promised_by", "assigned_to", "head__rule",
    )  # fmt: skip
    tasks = list(rows[:MOST])
    ids = {pk for task in tasks for pk in (task.pk, task.head_id) if pk}
    listed = set(on_list(Revisit.objects.filter(pk__in=ids), today).values_list("pk", flat=True))
    for task in tasks:
        if task.rule_id in rule_of:
            yield _task_line(rule_of[task.rule_id], task, is_listed=(task.head_id or task.pk) in listed)


def _task_line(rule: StoreRule, task: Revisit, *, is_listed: bool) -> Line:
    return Line(
        rule,
        _kind_of(task, is_listed=is_listed),
        task.anchor_key,
        task.anchor_on,
        task.due_on,
        task.expires_on,
        task.reason,
        task,
        shift=(task.due_on - task.anchor_on).days - task.rule_version.offset_days,
        stop=task.stop or "" if task.is_open else "",  # type: ignore[attr-defined]
        in_workshop=task.in_workshop and task.is_open,  # type: ignore[attr-defined]
    )


def _kind_of(task: Revisit, *, is_listed: bool) -> Kind:
    if is_listed:
        return Kind.ON_LIST
    if task.state == State.NO_NUMBER:
        return Kind.NO_NUMBER
    return Kind.WAITS if task.state in CALLABLE_STATES else Kind.ENDED


# ---- what has none ---------------------------------------------------------------------------------------------------


def _of_facts(context: Context, subject: Subject, today: date) -> Iterator[Line]:
    """What the generator makes of the facts without a task: by the next run, or later."""
    for rule in context.rules:
        for opinion in opinions(context, rule, subject):
            yield from _draft_lines(opinion, today)
            yield from (_skip_line(rule, skip) for skip in opinion.found.skips)
            yield from _covered_lines(context, opinion, today)


def _draft_lines(opinion: Opinion, today: date) -> Iterator[Line]:
    for draft in opinion.found.tasks:
        occasion, timing = draft.occasion, draft.timing
        yield Line(
            opinion.rule,
            Kind.NEXT_RUN if timing.due_on <= today else Kind.COMES,
            occasion.anchor_key,
            occasion.anchor_on,
            timing.due_on,
            timing.expires_on,
            draft.reason.value if draft.reason else "",
            draft=draft,
            shift=(timing.due_on - occasion.anchor_on).days - draft.version.offset_days,
        )


def _skip_line(rule: StoreRule, skip: SkipDraft) -> Line:
    occasion = skip.occasion
    return Line(rule, Kind.LEFT_OUT, occasion.anchor_key, occasion.anchor_on, skip.due_on, reason=skip.reason.value)


def _covered_lines(context: Context, opinion: Opinion, today: date) -> Iterator[Line]:
    """Visits that another call of the rule covers."""
    for fact_id in sorted(opinion.found.covered):
        key = f"order:{fact_id}"
        yield Line(opinion.rule, Kind.COVERED, key, today, today)


def _add_skips(context: Context, subject: Subject, rules: Iterable[StoreRule], lines: dict[str, list[Line]]) -> None:
    """What earlier runs left out and the generator no longer looks at."""
    rule_of = {pk: rule for rule in rules for pk in rule.ids}
    known = {(code, line.anchor_key) for code, some in lines.items() for line in some}
    rows = Skip.objects.filter(subject.about(), store=context.store).order_by("-due_on", "-pk")
    for skip in rows[:MOST]:
        rule = rule_of.get(skip.rule_id)
        if rule is not None and (rule.rule.code, skip.anchor_key) not in known:
            line = Line(rule, Kind.LEFT_OUT, skip.anchor_key, skip.anchor_on, skip.due_on, reason=skip.reason)
            lines[rule.rule.code].append(line)


# ---- the verdict -----------------------------------------------------------------------------------------------------


def verdict(lines: Iterable[Line], today: date) -> Verdict:
    """On today's list by the call that is due longest; else why not, and what comes next."""
    lines = list(lines)
    listed = [line for line in lines if line.kind is Kind.ON_LIST]
    coming = min((line for line in lines if _comes(line, today)), key=when, default=None)
    if listed:
        return Verdict(True, min(listed, key=lambda line: (line.due_on, line.anchor_key)), coming)
    against = [line for line in lines if _is_against(line, today)]
    order = sorted(against, key=lambda line: (_AGAINST[line.kind], -line.due_on.toordinal(), line.anchor_key))
    return Verdict(False, order[0] if order else None, coming)


def _comes(line: Line, today: date) -> bool:
    """Whether a line will bring a call later: foreseen, or a task that waits for its time."""
    if line.kind is Kind.WAITS:
        return line.task is not None and line.task.head_id is None and not line.stop and when(line)[0] > today
    draft = line.draft
    if line.kind not in {Kind.COMES, Kind.NEXT_RUN} or draft is None:
        return False
    return draft.state in CALLABLE_STATES


def when(line: Line) -> tuple[date, str]:
    """The day on which a line comes onto the list, with its key to sort by."""
    if line.task is None:
        return line.due_on, line.anchor_key
    moments = [moment for moment in (line.task.promised_at, line.task.not_before) if moment is not None]
    days = [clock.business_day(moment) for moment in moments]
    return max([line.due_on, *days]), line.anchor_key


def _is_against(line: Line, today: date) -> bool:
    """Whether a line says why nobody is called today."""
    if line.kind is Kind.ENDED:
        ended_on = line.task.ended_on if line.task else None
        return ended_on is not None and ended_on >= today - RECENT
    if line.kind is Kind.LEFT_OUT:
        return line.due_on >= today - RECENT and line.due_on <= today
    if line.kind is Kind.NEXT_RUN:
        return True
    return line.kind in {Kind.WAITS, Kind.NO_NUMBER}


_AGAINST = {Kind.WAITS: 0, Kind.NO_NUMBER: 1, Kind.NEXT_RUN: 2, Kind.ENDED: 3, Kind.LEFT_OUT: 4}

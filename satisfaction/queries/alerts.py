"""Which scores of a store fell beyond chance since the month before: the store, departments, factors, items, people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from satisfaction import queries, rules
from satisfaction.attribution import DEPARTMENT_OF, department_of
from satisfaction.models import Alert, Attribution, Questionnaire

#: what is watched: confirmations of complaints are too few and stand with the complaints
KINDS = (Questionnaire.Kind.SERVICE, Questionnaire.Kind.SALES)
NOTHING = rules.Mean(0, None)
Subject = Alert.Subject


@dataclass(frozen=True)
class Fall:
    """One thing that fell: what it is, whose head should know ('' = the whole store's), and both months."""

    kind: str
    subject: str
    now: rules.Mean
    before: rules.Mean
    code: str = ""
    part: str = ""
    department: str = ""


def falls(store_id: int, kind: str, month: Month) -> list[Fall]:
    """Everything of one kind that fell by rules.is_alert against the month before; a dozen queries."""
    now = Scope.of_month([store_id], month, kind=kind)
    before = now.during(month.shift(-1))
    candidates = [*_whole(now, before), *_tree(now, before), *_departments(now, before), *_people(now)]
    return [one for one in candidates if _is_alert(one)]


def _is_alert(fall: Fall) -> bool:
    """Whether a fall deserves attention; five points of 200 are little, so a net promoter score must really move."""
    if not rules.is_alert(fall.now, fall.before):
        return False
    moved = rules.change(fall.now, fall.before)
    return fall.subject != Subject.NPS or (moved is not None and moved.is_real)


def _whole(now: Scope, before: Scope) -> Iterator[Fall]:
    """The store's score and its net promoter score."""
    kind = now.get("kind")
    yield Fall(kind, Subject.STORE, _only(queries.by_month(now)), _only(queries.by_month(before)))
    recent, earlier = (queries.extras(scope)[queries.NPS.code] for scope in (now, before))
    if isinstance(recent, rules.Mean) and isinstance(earlier, rules.Mean):
        yield Fall(kind, Subject.NPS, recent, earlier)


def _only(found: Mapping[Any, rules.Mean]) -> rules.Mean:
    """The one mean of a month."""
    return next(iter(found.values()), NOTHING)


def _tree(now: Scope, before: Scope) -> Iterator[Fall]:
    """Factors, which are the store's, and items, which may be a department's."""
    kind, month, earlier = now.get("kind"), now.month, before.month
    two = now.during(earlier, month)
    factors, items = queries.factors_by_month(two), queries.items_by_month(two)
    for line in queries.tree_of(now):
        recent, past = (factors.get((line.code, at), NOTHING) for at in (month, earlier))
        yield Fall(kind, Subject.FACTOR, recent, past, code=line.code)
        for code, question in line.items.items():
            recent, past = (items.get((code, at), NOTHING) for at in (month, earlier))
            judged = department_of(kind, question.attribution)
            yield Fall(kind, Subject.ITEM, recent, past, code=code, department=judged)


def _departments(now: Scope, before: Scope) -> Iterator[Fall]:
    kind = now.get("kind")
    earlier = queries.by_member(before, "department")
    for code, mean in queries.by_member(now, "department").items():
        yield Fall(kind, Subject.DEPARTMENT, mean, earlier.get(code, NOTHING), code=code, department=code)


def _people(now: Scope) -> Iterator[Fall]:
    """Everybody whose work the month judges, in each part for itself."""
    for line in queries.employees(now):
        department = DEPARTMENT_OF.get(Attribution(line.part), "")
        yield Fall(
            now.get("kind"), Subject.EMPLOYEE, line.now, line.before,
            code=str(line.employee.pk), part=line.part, department=department,
        )  # fmt: skip

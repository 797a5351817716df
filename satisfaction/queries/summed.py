"""The same tables as `raw` and `members` make from the answers, made from the sums; for scopes with an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_site.core.dates import Month, month_of
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.models import Dimension, Factor, Question, QuestionKind, Subject
from satisfaction.queries.axis import STORE, Axis, axis_of, subject_of
from satisfaction.queries.figures import EXECUTION, LOYALTY, NPS, VERY_SATISFIED, mean_from
from satisfaction.queries.members import DEPARTMENTS, Means
from satisfaction.queries.raw import EXTRAS
from satisfaction.queries.summaries import NUMBERS, Found, read

Figures = dict[str, rules.Mean | rules.Rate]
#: the points of an execution item that was done
DONE = 100


def by_month(scope: Scope) -> dict[Month, rules.Mean]:
    """See raw.by_month."""
    return {month_of(month): mean_from(one) for (month,), one in _scores(scope, "", ("month",)).items()}


def by_store(scope: Scope) -> dict[int, rules.Mean]:
    """See raw.by_store."""
    return {store: mean_from(one) for (store,), one in _scores(scope, "", ("store",)).items()}


def by_member(scope: Scope, dimension: str) -> dict[str, rules.Mean]:
    """See members.by_member."""
    return {str(member): mean_from(one) for member, one in _of_members(_scores(scope, dimension, _by(dimension)))}


def factors_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """See raw.factors_by_month."""
    return _coded(Factor, read(scope, Subject.FACTOR, _axis(scope), ("month", "ref")), month_of)


def items_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """See raw.items_by_month."""
    return _coded(Question, read(scope, Subject.ITEM, _axis(scope), ("month", "ref"), _refs(scope)), month_of)


def factors_by_member(scope: Scope, dimension: str) -> Means:
    """See members.factors_by_member."""
    return _coded(Factor, _parted(scope, Subject.FACTOR, dimension, _refs(scope)), str)


def items_by_member(scope: Scope, dimension: str) -> Means:
    """See members.items_by_member."""
    return _coded(Question, _parted(scope, Subject.ITEM, dimension, _refs(scope)), str)


def low_by_member(scope: Scope, dimension: str) -> dict[str, int]:
    """See members.low_by_member."""
    found = {str(member): one["low"] for member, one in _of_members(_scores(scope, dimension, _by(dimension)))}
    if dimension == Dimension.DEPARTMENT:
        return dict.fromkeys(DEPARTMENTS, 0) | found
    return {member: low for member, low in found.items() if low}


def low_items(scope: Scope) -> dict[str, int]:
    """See raw.low_items."""
    found = read(scope, Subject.ITEM, _axis(scope), ("ref",), _refs(scope))
    codes = dict(Question.objects.filter(pk__in={ref for (ref,) in found}).values_list("pk", "code"))
    lows: dict[str, int] = {}
    for (ref,), one in found.items():
        if one["low"]:
            lows[codes[ref]] = lows.get(codes[ref], 0) + one["low"]
    return lows


def extras(scope: Scope) -> Figures:
    """See raw.extras."""
    return _extras(scope, "").get("", figures_of({}))


def extras_by_member(scope: Scope, dimension: str) -> dict[str, Figures]:
    """See members.extras_by_member."""
    found = _extras(scope, dimension)
    if dimension == Dimension.DEPARTMENT:
        return {code: found.get(code, figures_of({})) for code in by_member(scope, dimension)}
    return found


# ---- people ---------------------------------------------------------------------------------------------------------


def employee_rows(scope: Scope) -> list[dict[str, Any]]:
    """See raw.employee_rows."""
    found = read(scope, Subject.OWN, _axis(scope, Dimension.EMPLOYEE), ("month", "member", "part"))
    return [
        {"employee": int(member), "part": part, "month": str(month_of(month)), **one}
        for (month, member, part), one in found.items()
    ]


def very_satisfied_by_person(scope: Scope) -> dict[tuple[int, str], rules.Rate]:
    """See raw.very_satisfied_by_person."""
    refs = Question.objects.filter(kind=QuestionKind.OVERALL).values_list("pk", flat=True)
    found = read(scope, Subject.EXTRA, _axis(scope, Dimension.EMPLOYEE), ("member", "part"), set(refs))
    return {(int(member), part): rules.rate_of(one["top"], one["n"]) for (member, part), one in found.items()}


# ---- below ----------------------------------------------------------------------------------------------------------


def _axis(scope: Scope, dimension: str = "") -> Axis:
    axis = axis_of(scope, dimension)
    if axis is None:
        raise ValueError("no sum says this scope: ask can_answer first")
    return axis


def _by(dimension: str) -> tuple[str, ...]:
    """The column that holds a dimension's members."""
    return (STORE,) if dimension == STORE else ("member",) if dimension else ()


def _scores(scope: Scope, dimension: str, by: tuple[str, ...]) -> Found:
    axis = _axis(scope, dimension)
    return read(scope, subject_of(scope, axis), axis, by, _refs(scope))


def _parted(scope: Scope, subject: str, dimension: str, refs: set[int] | None = None) -> Found:
    """By member ('' without a dimension) and ref."""
    found = read(scope, subject, _axis(scope, dimension), (*_by(dimension), "ref"), refs)
    if not dimension:
        return {("", ref): one for (ref,), one in found.items()}
    return {keys if dimension == STORE else keys[::-1]: one for keys, one in found.items()}


def _of_members(found: Found) -> list[tuple[Any, dict[str, Any]]]:
    return [(keys[0] if keys else "", one) for keys, one in found.items()]


def _refs(scope: Scope) -> set[int] | None:
    """The keys of the question or factor that a scope is narrowed to, of all versions."""
    for name, model in (("question", Question), ("factor", Factor)):
        if scope.get(name):
            return set(model.objects.filter(code=scope.get(name)).values_list("pk", flat=True))
    return None


def _coded(model: type[Factor] | type[Question], found: Found, place: Callable[[Any], Any]) -> dict[Any, rules.Mean]:
    """Means by (code, place) from sums by (place, ref): a code has a row in every version; items are the weighted."""
    rows = model.objects.filter(pk__in={keys[1] for keys in found}, weight__gt=0)
    codes = dict(rows.values_list("pk", "code"))
    added: dict[tuple[str, Any], dict[str, Any]] = {}
    for (at, ref), one in found.items():
        if ref in codes:
            add(added.setdefault((codes[ref], place(at)), dict.fromkeys(NUMBERS, 0)), one)
    return {key: mean_from(one) for key, one in added.items()}


def _extras(scope: Scope, dimension: str) -> dict[str, Figures]:
    """The figures of unweighted questions by member."""
    found = _parted(scope, Subject.EXTRA, dimension)
    kinds = dict(Question.objects.filter(pk__in={ref for _member, ref in found}).values_list("pk", "kind"))
    added: dict[str, dict[str, dict[str, Any]]] = {}
    for (member, ref), one in found.items():
        own = added.setdefault(str(member), {})
        add(own.setdefault(kinds[ref], dict.fromkeys(NUMBERS, 0)), one)
    return {member: figures_of(own) for member, own in added.items()}


def figures_of(own: dict[str, dict[str, Any]]) -> Figures:
    """The four figures from the sums of each kind of question."""
    overall, nps, loyalty, execution = (own.get(kind, dict.fromkeys(NUMBERS, 0)) for kind in EXTRAS)
    return {
        VERY_SATISFIED.code: rules.rate_of(overall["top"], overall["n"]),
        NPS.code: rules.nps_of(nps["top"], nps["bottom"], nps["n"]),
        LOYALTY.code: mean_from(loyalty),
        EXECUTION.code: rules.rate_of(int(execution["total"] / DONE), execution["n"]),
    }


def add(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Add the numbers of one sum to another."""
    for name in NUMBERS:
        into[name] += more[name]

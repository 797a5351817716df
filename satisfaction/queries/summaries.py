"""The sums and what is not folded into them yet, read in one statement, so that no fold can come between.

The contract for pages: `queries.by_month` and its sisters choose by themselves. They read the sums where these are
built and `can_answer(scope, dimension)`: whole calendar months of calls, at most one of employee, department, series
and job type (asked or filtered by), no `basis`, no `low`. Everything else is read from the raw answers, which a page
does at once for up to three months or RAW_UP_TO responses; where `must_wait(scope, dimension)` it shows the waiting
panel instead (`views.waiting.waiting_for`), which offers the job that computes the page's figures.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, CharField, DateField, DecimalField, F, QuerySet, Sum, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from crm_site.core.dates import month_of, months_between
from crm_site.core.figures import Scope
from satisfaction.models import Dimension, StoreSums, Subject, Summary, SummaryDelta
from satisfaction.queries.axis import Axis, axis_of
from satisfaction.rules import sums

#: how many months, and how many responses, a page reads from the raw answers while somebody waits
RAW_MONTHS, RAW_UP_TO = 3, 100_000
#: the columns by which sums may be parted, and what stands in their place where they are not
NEUTRAL: dict[str, Any] = {
    "store": Value(0, BigIntegerField()),
    "month": Value(None, DateField()),
    "ref": Value(0, BigIntegerField()),
    "member": Value("", CharField()),
    "part": Value("", CharField()),
}
NUMBERS = ("n", "total", "squares", "top", "bottom", "low")
_WIDE = {
    "total": DecimalField(max_digits=30, decimal_places=4),
    "squares": DecimalField(max_digits=34, decimal_places=8),
}
#: how many units the numbers of a delta are of one of a sum
_UNITS = {"total": sums.UNITS, "squares": sums.UNITS * sums.UNITS}

#: what is asked of the sums by the values of the columns it is parted by
Found = dict[tuple[Any, ...], dict[str, Any]]


def can_answer(scope: Scope, dimension: str = "") -> bool:
    """Whether the sums can say a scope's scores parted by a dimension, once they are built.

    Not where a head's departments are seen as one: their items in a response make one score, which no sum holds.
    """
    axis = axis_of(scope, dimension)
    return axis is not None and (dimension == Dimension.DEPARTMENT or not axis.is_of_departments_together)


def are_built(store_ids: Iterable[int]) -> bool:
    """Whether every store's sums are built; until then its raw answers are read."""
    wanted = set(store_ids)
    return StoreSums.objects.filter(store_id__in=wanted, built_at__isnull=False).count() == len(wanted)


def must_wait(scope: Scope, dimension: str = "") -> bool:
    """Whether a page's figures are a job: too many raw answers of a combination that no sum holds.

    A head's departments together are read at once, however long.
    """
    if axis_of(scope, dimension) is not None or not are_built(scope.stores):
        return False
    if len(list(months_between(scope.month, month_of(scope.last)))) <= RAW_MONTHS:
        return False
    whole = Scope(scope.stores, scope.start, scope.end, {"kind": scope.get("kind")})
    found = read(whole, Subject.INDEX, Axis(""), ())
    return bool(found) and found[()]["n"] > RAW_UP_TO


def read(scope: Scope, subject: str, axis: Axis, by: tuple[str, ...], refs: Collection[int] | None = None) -> Found:
    """The numbers of one subject along an axis by some of the columns NEUTRAL; `refs` narrows to factors or questions.

    Totals and squares are exact decimals. What nothing is left of is left out.
    """
    if axis.members is not None and not axis.members:
        return {}
    found: Found = {}
    statement = _folded(scope, subject, axis, by, refs).union(_unfolded(scope, subject, axis), all=True)
    for *keys, numbers, told in ((*row[:5], row[5:11], row[11]) for row in statement):
        if told:
            _add_unfolded(found, keys, by, _lines(told, axis, refs))
        elif numbers[0] is not None:  # the sum of no rows at all
            _add(found, _place(keys, by), dict(zip(NUMBERS, numbers, strict=True)))
    return {place: one for place, one in found.items() if one["n"]}


def _folded(scope: Scope, subject: str, axis: Axis, by: tuple[str, ...], refs: Collection[int] | None) -> QuerySet:
    rows = _of(Summary.objects.all(), scope).filter(subject=subject, dimension=axis.dimension)
    if axis.members is not None:
        rows = rows.filter(member__in=axis.members)
    if axis.part:
        rows = rows.filter(part=axis.part)
    if refs is not None:
        rows = rows.filter(ref__in=refs)
    keys = {f"by_{name}": F(_COLUMNS.get(name, name)) if name in by else NEUTRAL[name] for name in NEUTRAL}
    added = {f"all_{name}": Sum(name, output_field=_WIDE.get(name, BigIntegerField())) for name in NUMBERS}
    return rows.order_by().values(**keys).annotate(**added).values_list(*keys, *added, Value("", TextField()))


def _unfolded(scope: Scope, subject: str, axis: Axis) -> QuerySet:
    """The deltas that say something about the subject, each with its lines as text."""
    told = KeyTextTransform(subject, KeyTextTransform(axis.dimension or sums.WHOLE, "entries"))
    rows = _of(SummaryDelta.objects.all(), scope).annotate(told=Cast(told, TextField())).filter(told__isnull=False)
    nothing = [Value(0, _WIDE.get(name, BigIntegerField())) for name in NUMBERS]
    return rows.order_by().values_list("store_id", "month", *list(NEUTRAL.values())[2:], *nothing, "told")


def _of(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    """The sums or deltas of the scope's stores, months and versions."""
    asked = {"version__questionnaire__kind": scope.get("kind"), "version": scope.get("version")}
    return rows.filter(
        store_id__in=scope.stores,
        month__range=(scope.start, scope.last),
        **{name: value for name, value in asked.items() if value},
    )


_COLUMNS = {"store": "store_id"}


def _lines(told: str, axis: Axis, refs: Collection[int] | None) -> list[list[Any]]:
    """The lines of a delta that are asked for."""
    members = None if axis.members is None else set(axis.members)
    return [
        line
        for line in json.loads(told)
        if (refs is None or line[0] in refs)
        and (members is None or line[1] in members)
        and (not axis.part or line[2] == axis.part)
    ]


def _add_unfolded(found: Found, keys: list[Any], by: tuple[str, ...], lines: list[list[Any]]) -> None:
    for line in lines:
        place = _place([*keys[:2], *line[:3]], by)
        numbers = dict(zip(NUMBERS, line[3:], strict=True))
        _add(found, place, {name: Decimal(value) / _UNITS.get(name, 1) for name, value in numbers.items()})


def _place(keys: list[Any], by: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(key for name, key in zip(NEUTRAL, keys, strict=True) if name in by)


def _add(found: Found, place: tuple[Any, ...], numbers: dict[str, Any]) -> None:
    one = found.setdefault(place, dict.fromkeys(NUMBERS, 0))
    for name, value in numbers.items():
        one[name] += value if name in _UNITS else int(value)

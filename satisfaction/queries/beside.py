"""The figures beside the index: very satisfied, recommendation, coming again and execution by month and by item."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Q

from crm_site.core.dates import Month, month_of, parse_month
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.models import Question, QuestionKind, QuestionnaireVersion, Subject
from satisfaction.queries import raw, summed
from satisfaction.queries.axis import Axis, axis_of
from satisfaction.queries.summaries import are_built, can_answer, read

Figures = summed.Figures


def extras_by_month(scope: Scope) -> dict[Month, Figures]:
    """`queries.extras` of every month of a scope in which one of these questions was answered; two queries."""
    axis = _summed(scope)
    if axis is not None:
        return _summed_by_month(scope, axis)
    rows = raw.extra_answers(scope).values("month", kind=F("question__kind")).annotate(**raw.extra_sums())
    by_month: dict[str, dict[str, Any]] = {}
    for row in rows:
        by_month.setdefault(row["month"], {})[row["kind"]] = row
    return {parse_month(month): raw.extras_from(found) for month, found in by_month.items()}


def _summed_by_month(scope: Scope, axis: Axis) -> dict[Month, Figures]:
    found = read(scope, Subject.EXTRA, axis, ("month", "ref"))
    kinds = dict(Question.objects.filter(pk__in={ref for _month, ref in found}).values_list("pk", "kind"))
    by_month: dict[Month, dict[str, dict[str, Any]]] = {}
    for (month, ref), one in found.items():
        own = by_month.setdefault(month_of(month), {})
        summed.add(own.setdefault(kinds[ref], dict.fromkeys(summed.NUMBERS, 0)), one)
    return {month: summed.figures_of(own) for month, own in by_month.items()}


def executed(scope: Scope) -> dict[str, rules.Rate]:
    """How often each execution item was done, by its code, over all versions that ask it."""
    axis = _summed(scope)
    done: dict[str, tuple[int, int]] = {}
    for code, hits, n in _summed_items(scope, axis) if axis is not None else _raw_items(scope):
        before = done.get(code, (0, 0))
        done[code] = (before[0] + hits, before[1] + n)
    return {code: rules.rate_of(hits, n) for code, (hits, n) in done.items() if n}


def _raw_items(scope: Scope) -> list[tuple[str, int, int]]:
    answers = raw.extra_answers(scope).filter(question__kind=QuestionKind.EXECUTION)
    rows = answers.values("question__code").annotate(hits=Count("pk", filter=Q(value=1)), n=Count("pk"))
    return [(row["question__code"], row["hits"], row["n"]) for row in rows]


def _summed_items(scope: Scope, axis: Axis) -> list[tuple[str, int, int]]:
    codes = dict(Question.objects.filter(kind=QuestionKind.EXECUTION).values_list("pk", "code"))
    found = read(scope, Subject.EXTRA, axis, ("ref",), set(codes))
    return [(codes[ref], int(one["total"] / summed.DONE), one["n"]) for (ref,), one in found.items()]


def _summed(scope: Scope) -> Axis | None:
    """The axis of the sums that say this scope; None where the raw answers must."""
    narrowed = scope.get("question") or scope.get("factor")
    return axis_of(scope) if not narrowed and can_answer(scope) and are_built(scope.stores) else None


def execution_labels(scope: Scope) -> dict[str, str]:
    """The execution items of a kind by their code, in order; the newest version says the words."""
    rows = Question.objects.filter(kind=QuestionKind.EXECUTION, version__questionnaire__kind=scope.get("kind"))
    rows = rows.filter(Q(version__questionnaire__store=None) | Q(version__questionnaire__store_id__in=scope.stores))
    rows = rows.exclude(version__state=QuestionnaireVersion.State.DRAFT).order_by("-version__number", "position")
    labels: dict[str, str] = {}
    for row in rows:
        labels.setdefault(row.code, row.label)
    return labels

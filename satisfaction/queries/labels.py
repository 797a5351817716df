"""The tree of a kind as a dashboard lists it: factors with their items, of the versions that were asked in a period.

A past period is shown with the words and weights it was asked with, whatever is published since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from crm_site.core import formats
from crm_site.core.figures import Scope
from satisfaction.attribution import department_of
from satisfaction.models import Dimension, Question, QuestionnaireVersion, Subject, Summary, SummaryDelta
from satisfaction.queries.axis import axis_of
from satisfaction.queries.figures import departments_in, valid_responses
from satisfaction.queries.summaries import are_built


@dataclass
class TreeLine:
    """A factor with its items as a dashboard lists them, over all versions that were asked."""

    code: str
    label: str
    #: in the newest version that was asked
    weight: Any
    items: dict[str, Question] = field(default_factory=dict)
    #: every weight that it had in the period, the newest first
    weights: list[Decimal] = field(default_factory=list)

    @property
    def is_mixed(self) -> bool:
        """Whether it weighed differently in versions of the same period."""
        return len(self.weights) > 1

    @property
    def weight_text(self) -> str:
        """Its weight, or all of them: 15, or 20 / 15."""
        return " / ".join(_plain(weight) for weight in self.weights or [self.weight])


def _plain(weight: Decimal) -> str:
    """A weight without needless zeros."""
    return formats.number(weight, 0 if weight == int(weight) else 2)


def tree_of(scope: Scope, *, every: bool = False) -> list[TreeLine]:
    """The factors and weighted items of a kind in the versions that were asked in the period, the newest words first.

    `every` reads those of all versions, whenever asked, for who looks up a code; so it is where nothing was asked.
    """
    asked = set() if every else asked_versions(scope)
    departments = departments_in(scope)
    lines: dict[str, TreeLine] = {}
    for question in _questions(scope, asked):
        if departments is not None and department_of(scope.get("kind"), question.attribution) not in departments:
            continue
        factor: Any = question.factor  # not NULL by the query
        line = lines.setdefault(factor.code, TreeLine(factor.code, factor.label, factor.weight))
        line.items.setdefault(question.code, question)
        if asked and factor.weight not in line.weights:
            line.weights.append(factor.weight)
    return list(lines.values())


def _questions(scope: Scope, asked: set[int]) -> QuerySet[Question]:
    """The weighted items of some versions (none = all that are no drafts), each questionnaire's newest first."""
    rows = Question.objects.filter(factor__isnull=False, weight__gt=0, version__questionnaire__kind=scope.get("kind"))
    if asked:
        rows = rows.filter(version__in=asked)
    else:
        stores = Q(version__questionnaire__store=None) | Q(version__questionnaire__store_id__in=scope.stores)
        rows = rows.filter(stores).exclude(version__state=QuestionnaireVersion.State.DRAFT)
    order = ("version__questionnaire__code", "-version__number", "position")
    return rows.select_related("factor").order_by(*order)


def asked_versions(scope: Scope) -> set[int]:
    """The keys of the versions to which the period of a scope has valid responses; from the sums where these say it."""
    plain = Scope(scope.stores, scope.start, scope.end, {"kind": scope.get("kind"), "basis": scope.get("basis")})
    if axis_of(plain) is not None and are_built(scope.stores):
        return _summed_versions(scope)
    return set(valid_responses(plain).order_by().values_list("version_id", flat=True).distinct())


def _summed_versions(scope: Scope) -> set[int]:
    """The versions of the months' sums and of what is not folded into them yet."""
    asked = {
        "store_id__in": scope.stores,
        "month__range": (scope.start, scope.last),
        "version__questionnaire__kind": scope.get("kind"),
    }
    sums = Summary.objects.filter(subject=Subject.INDEX, dimension=Dimension.WHOLE, n__gt=0, **asked)
    deltas = SummaryDelta.objects.filter(**asked)
    return {key for rows in (sums, deltas) for key in rows.order_by().values_list("version_id", flat=True).distinct()}

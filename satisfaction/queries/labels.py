"""The tree of a kind as a dashboard lists it: factors with their items, over all its versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from crm_site.core.figures import Scope
from satisfaction.attribution import department_of
from satisfaction.models import Question, QuestionnaireVersion
from satisfaction.queries.figures import departments_in


@dataclass
class TreeLine:
    """A factor with its items as a dashboard lists them, over all versions of a kind."""

    code: str
    label: str
    weight: Any
    items: dict[str, Question] = field(default_factory=dict)


def tree_of(scope: Scope) -> list[TreeLine]:
    """The factors and weighted items of a kind; the newest version says the words, older codes follow."""
    questions = (
        Question.objects.filter(factor__isnull=False, weight__gt=0, version__questionnaire__kind=scope.get("kind"))
        .filter(Q(version__questionnaire__store=None) | Q(version__questionnaire__store_id__in=scope.stores))
        .exclude(version__state=QuestionnaireVersion.State.DRAFT)
        .select_related("factor")
        .order_by("version__state", "version__questionnaire__code", "-version__number", "position")
    )
    departments = departments_in(scope)
    lines: dict[str, TreeLine] = {}
    for question in questions:
        if departments is not None and department_of(scope.get("kind"), question.attribution) not in departments:
            continue
        factor: Any = question.factor  # not NULL by the filter above
        line = lines.setdefault(factor.code, TreeLine(factor.code, factor.label, factor.weight))
        line.items.setdefault(question.code, question)
    return list(lines.values())

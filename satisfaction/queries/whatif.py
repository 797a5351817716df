"""Reads the stored responses of a period in portions, as the what-if wants them; memory does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from satisfaction import rules
from satisfaction.models import (
    Answer,
    AnswerAttribution,
    EmployeeScore,
    FactorScore,
    QuestionnaireVersion,
    Response,
)
from satisfaction.queries.trees import items_of
from satisfaction.rules.whatif import Answered, Comparison, Stored, Tree

#: responses that are in memory at once
PORTION = 500


def responses(version: QuestionnaireVersion, store_id: int, first: date, last: date) -> QuerySet[Response]:
    """What is recomputed: the responses of a store and period to the same questionnaire, in whatever version.

    What was taken out of the scores stays out.
    """
    asked = {"version__questionnaire__code": version.questionnaire.code}
    kind = {"version__questionnaire__kind": version.questionnaire.kind}
    return Response.objects.filter(store_id=store_id, excluded_at=None, **asked, **kind).called_on(first, last)


def tree(version: QuestionnaireVersion) -> Tree:
    """A version, a draft too, as the what-if scores by it."""
    return Tree(
        items=tuple(items_of(version)),
        judges={question.code: question.attribution for question in version.questions.all()},
        is_scored=version.questionnaire.is_scored,
    )


def compare(
    rows: QuerySet[Response],
    under: QuestionnaireVersion,
    *,
    step: Callable[[int], None] = lambda done: None,
) -> Comparison:
    """The responses side by side as stored and under another version; `step` hears how many are done."""
    found = Comparison(tree(under))
    for portion in _portions(rows):
        for stored in portion:
            found.take(stored)
        step(found.responses)
    return found


def _portions(rows: QuerySet[Response]) -> Iterator[list[Stored]]:
    """The responses by key, some at a time."""
    asked = _Asked()
    last = 0
    columns = ("pk", "version_id", "is_valid", "score")
    while portion := list(rows.filter(pk__gt=last).order_by("pk").values_list(*columns)[:PORTION]):
        last = portion[-1][0]
        yield _stored(portion, asked)


class _Asked:
    """The items of the versions met so far, by the key of their question."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self.items: dict[int, tuple[rules.Item, str]] = {}

    def learn(self, versions: set[int]) -> None:
        """Read the trees of versions that are new."""
        new = versions - self._known
        self._known |= new
        rows = QuestionnaireVersion.objects.filter(pk__in=new).select_related("questionnaire")
        for version in rows.prefetch_related("questions__factor"):
            items = {item.code: item for item in items_of(version)}
            for question in version.questions.all():
                self.items[question.pk] = (items[question.code], question.attribution)


def _stored(portion: list[tuple[Any, ...]], asked: _Asked) -> list[Stored]:
    """Some responses with everything below them, by four queries."""
    ids = [pk for pk, *_ in portion]
    asked.learn({version for _pk, version, *_ in portion})
    answers, factors, people = _answers(ids, asked), _scores(FactorScore, ids), _scores(EmployeeScore, ids)
    return [
        Stored(
            is_valid=is_valid, score=score, factors=factors.get(pk, {}), people=people.get(pk, {}),
            answers=answers.get(pk, []),
        )
        for pk, _version, is_valid, score in portion
    ]  # fmt: skip


def _answers(ids: list[int], asked: _Asked) -> dict[int, list[Answered]]:
    judged: dict[int, list[int]] = defaultdict(list)
    links = AnswerAttribution.objects.filter(answer__response__in=ids).order_by("pk")
    for answer, employee in links.values_list("answer_id", "employee_id"):
        judged[answer].append(employee)
    found: dict[int, list[Answered]] = defaultdict(list)
    columns = ("pk", "response_id", "question_id", "state", "value")
    for pk, response, question, state, value in Answer.objects.filter(response__in=ids).values_list(*columns):
        item, judges = asked.items[question]
        given = rules.Given(item.code, state, value)
        found[response].append(Answered(item, given, judges, tuple(judged.get(pk, ()))))
    return found


def _scores(model: type[FactorScore] | type[EmployeeScore], ids: list[int]) -> dict[int, dict[Any, Decimal]]:
    """{response: {factor code or employee: score}}."""
    key = "factor__code" if model is FactorScore else "employee_id"
    found: dict[int, dict[Any, Decimal]] = defaultdict(dict)
    rows = model._default_manager.filter(response__in=ids, score__isnull=False)
    for response, who, score in rows.values_list("response_id", key, "score"):
        found[response][who] = score
    return found

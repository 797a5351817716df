"""What customers said in their own words: reasons of low answers and free texts, beside the scores of a scope."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from crm_site.core.figures import Scope
from satisfaction.models import Answer, Response
from satisfaction.queries.figures import OCCASION, day, departments_in, of_responses

#: as the index `answer_with_words` says it
WITH_WORDS = ~Q(reason="") | ~Q(text="")


def answers(scope: Scope, terms: Sequence[str] = ()) -> QuerySet[Answer]:
    """The answers with words that a scope selects, each of which has every one of the terms; only to be nested."""
    rows = Answer.objects.filter(WITH_WORDS)
    if scope.get("question"):
        rows = rows.filter(question__code=scope.get("question"))
    if scope.get("factor"):
        rows = rows.filter(question__factor__code=scope.get("factor"))
    if scope.get("employee"):
        rows = rows.filter(attributions__employee_id=scope.get("employee"))
    if (departments := departments_in(scope)) is not None:
        rows = rows.filter(department__in=departments)
    if scope.get("low"):
        rows = rows.filter(is_low=True)
    for term in terms:
        rows = rows.filter(Q(reason__icontains=term) | Q(text__icontains=term))
    return rows


def responses(scope: Scope, terms: Sequence[str] = ()) -> QuerySet[Response]:
    """The responses of a scope in which something was said, valid or not, with `said`: those answers, in their order.

    What was proved false is left out. The days are narrowed by the plain column where that decides the month, so that
    the index of store and day serves it.
    """
    rows = Response.objects.filter(store_id__in=scope.stores, excluded_at=None).filter(of_responses(scope))
    if scope.get("basis") == OCCASION:
        rows = rows.annotate(counted_on=day(scope)).filter(counted_on__range=(scope.start, scope.last))
    else:
        rows = rows.called_on(scope.start, scope.last)
    found = answers(scope, terms)
    return rows.filter(Exists(found.filter(response=OuterRef("pk"))))


def with_said(rows: QuerySet[Response], scope: Scope, terms: Sequence[str] = ()) -> QuerySet[Response]:
    """The responses with `said` and everything else that a list of words shows, in a constant number of queries."""
    said = answers(scope, terms).select_related("question").prefetch_related("attributions__employee")
    said = said.order_by("question__position", "pk")
    return rows.select_related("customer", "vehicle", "store", "version__questionnaire").prefetch_related(
        Prefetch("answers", queryset=said, to_attr="said")
    )

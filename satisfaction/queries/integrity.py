"""The responses that do not count in the scores: taken out by somebody, or not valid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from crm_site.audit.models import Entry
from crm_site.core.dates import Month
from satisfaction.models import Questionnaire, Response
from satisfaction.queries.trees import items_of
from satisfaction.rules.validity import Lack, lacks


def excluded(stores: Sequence[int], month: Month) -> QuerySet[Response]:
    """The responses of a month's calls that somebody has taken out."""
    return _of(stores, month).filter(excluded_at__isnull=False)


def invalid(stores: Sequence[int], month: Month) -> QuerySet[Response]:
    """The responses of a month's calls that were scored but are not valid, and that nobody has taken out."""
    scored = _of(stores, month).exclude(version__questionnaire__kind=Questionnaire.Kind.UNSCORED)
    return scored.filter(is_valid=False, excluded_at=None)


def _of(stores: Sequence[int], month: Month) -> QuerySet[Response]:
    rows = Response.objects.filter(store_id__in=stores).called_on(month.start, month.last)
    return rows.select_related("store", "customer", "vehicle", "version__questionnaire", "asked_by")


def with_answers(rows: QuerySet[Response]) -> QuerySet[Response]:
    """The same with what `why_invalid` reads, in a constant number of queries."""
    return rows.prefetch_related("answers__question", "version__questions__factor")


def why_invalid(response: Response) -> list[Lack]:
    """What keeps a response from being valid; needs rows of `with_answers`."""
    states = {answer.question.code: answer.state for answer in response.answers.all()}
    return lacks(items_of(response.version), states, response.answered_weight, response.applicable_weight)


def who_excluded(responses: Iterable[Response]) -> dict[int, str]:
    """{response: the name of who took it out last}, as the trail has it; one query."""
    ids = [one.pk for one in responses]
    entries = Entry.objects.filter(
        subject_type=Response._meta.label_lower, subject_id__in=ids, action="response.excluded"
    )
    return {entry.subject_id or 0: entry.actor_name for entry in entries.order_by("pk")}

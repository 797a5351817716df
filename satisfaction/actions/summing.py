"""Tells the sums what a save has changed: one delta in the save's own transaction, no row that others wait for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from crm_site.core.dates import month_of
from satisfaction import rules, scoring
from satisfaction.models import Answer, Response, SummaryDelta
from satisfaction.queries.raw import EXTRAS
from satisfaction.rules import sums


def counted(response: Response, written: scoring.Written) -> None:
    """A new response counts from now on, if it is valid; `written` are its rows as they were just inserted."""
    if response.is_valid:
        _note(response, sums.entries(_facts(response, written)), response.answered_at)


@contextmanager
def changing(response: Response, at: datetime) -> Iterator[None]:
    """Around any change of a locked response or of whom it judges: notes the difference between before and after.

    The response is read anew afterwards; call it inside the transaction of the change.
    """
    before = _adds(response.pk)
    yield
    _note(response, sums.less(_adds(response.pk), before), at)


def _adds(response_id: int) -> sums.Sums:
    """What a stored response adds to the sums now; nothing where it does not count."""
    response = _loaded(response_id)
    return sums.entries(_facts(response, scoring.written(response))) if response else {}


def _loaded(response_id: int) -> Response | None:
    return scoring.loaded(Response.objects.valid().filter(pk=response_id)).first()


def _note(response: Response, change: sums.Sums, at: datetime) -> None:
    if change:
        SummaryDelta.objects.create(
            store_id=response.store_id,
            response=response,
            month=month_of(response.called_on).start,
            version_id=response.version_id,
            entries=sums.written(change),
            written_at=at,
        )


def _facts(response: Response, written: scoring.Written) -> sums.Facts:
    """The rows of a response as the arithmetic of sums needs them."""
    return sums.Facts(
        score=response.score,
        is_low=response.low_count > 0,
        series=response.series,
        job_type=response.job_type,
        factors={one.factor_id: one.score for one in written.factors},
        people=[sums.Person(one.employee_id, one.part, one.score, one.low_count > 0) for one in written.people],
        said=[
            _said(answer, written.judged.get(answer.pk, ()))
            for answer in written.answers
            if answer.normalised is not None
        ],
    )


def _said(answer: Answer, employees: Iterable[int]) -> sums.Said:
    question: Any = answer.question
    return sums.Said(
        question=question.pk,
        factor=question.factor_id,
        is_extra=question.kind in EXTRAS,
        weight=answer.weight,
        normalised=answer.normalised or rules.ZERO,
        value=answer.value,
        is_low=answer.is_low,
        department=answer.department,
        employees=tuple(employees),
    )

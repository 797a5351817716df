"""The answers that judge one employee, as the employee may see them: the items, the marks, the job; no customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from crm_site.accounts.models import Employee
from satisfaction.models import Answer, EmployeeScore, Response
from satisfaction.views.sheet import raw_words

#: how many responses a page lists; those with a low answer come first
MOST = 60


def lines(employee: Employee, responses: Collection[int], low: Collection[int]) -> list[dict[str, Any]]:
    """The responses of a line of the report that judge the employee, low ones first, each with its items.

    `responses` and `low` are the keys of the line. Three queries for all.
    """
    found = EmployeeScore.objects.filter(response__in=list(responses), employee=employee).select_related(
        "response__version__questionnaire", "response__repair_order", "response__delivery"
    )
    first = set(low)
    rows = sorted(found, key=lambda one: (one.response_id not in first, one.response.called_on, one.pk))[:MOST]
    items = _items(employee, [one.response for one in rows])
    return [
        {"pk": one.response_id, "own": one, "job": job_of(one.response), "items": items[one.response_id]}
        for one in rows
    ]


def items_of(employee: Employee, response: Response) -> list[dict[str, Any]]:
    """The items of one response that judge the employee."""
    return _items(employee, [response])[response.pk]


def job_of(response: Response) -> str:
    """Which job it was: the repair order with its day, or the day of the delivery."""
    if response.repair_order is not None:
        order = response.repair_order
        return f"{order.order_number} · {order.released_on or order.checked_in_on}"
    return str(response.delivery.delivered_on) if response.delivery is not None else ""


def _items(employee: Employee, responses: Collection[Response]) -> dict[int, list[dict[str, Any]]]:
    """{response: its items that judge the employee}: label, what was answered, whether it is low."""
    versions = {one.pk: one.version for one in responses}
    rows = Answer.objects.filter(response__in=list(versions), attributions__employee=employee, value__isnull=False)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for answer in rows.select_related("question").order_by("question__position", "pk"):
        raw = raw_words(versions[answer.response_id], answer.question.kind, answer)
        found[answer.response_id].append({"label": answer.question.label, "raw": raw, "is_low": answer.is_low})
    return found

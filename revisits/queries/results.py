"""The call results as they hold in a store: its own row replaces the company's."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from crm_site.core.compiled import compiled
from revisits.models import CallAttempt, CallResult


def results_of(store_id: int) -> list[CallResult]:
    """Every result of a store in the order of the keypad, also those that are switched off."""
    rows = sorted(_results(store=store_id), key=lambda row: row.store_id or 0)
    by_code = {row.code: row for row in rows}
    return sorted(by_code.values(), key=lambda row: (row.position, row.code))


def keypad_of(store_id: int) -> list[CallResult]:
    """The results that may be chosen; a result that the store switched off does not come back as the company's."""
    return [row for row in results_of(store_id) if row.is_active]


@compiled
def _results(*, store: int) -> QuerySet[CallResult]:
    return CallResult.objects.for_store(store)


def words_of(store_ids: Iterable[int]) -> dict[str, str]:
    """{code: name} of every result that calls of these stores can have; the company's name before a store's own."""
    rows = CallResult.objects.filter(Q(store=None) | Q(store_id__in=list(store_ids)))
    by_code = {row.code: row for row in sorted(rows, key=lambda row: row.store_id is None)}
    return {row.code: row.label for row in sorted(by_code.values(), key=lambda row: (row.position, row.code))}


def has_calls(store_id: int, code: str) -> bool:
    """Whether a call of the store ended with a result."""
    return CallAttempt.objects.filter(store_id=store_id, result__code=code).exists()

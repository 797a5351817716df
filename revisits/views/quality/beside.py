"""What a call's own page says of its inspection, and who may ask for one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from crm_site.accounts import policy
from revisits.models import Inspection, Revisit
from revisits.rules import inspection as rules
from revisits.views.quality import words


def inspections_of(request: HttpRequest, task: Revisit) -> list[dict[str, Any]]:
    """The completed attempts of a call with what their inspection found; one query, none without an attempt.

    Who sees everybody's inspections sees them all, an inspector may ask for one, a caller sees the own finished ones;
    anybody who sees the call sees that a record was proved false.
    """
    if task.last_attempt_at is None:
        return []
    may_inspect = policy.allows(request.user, "revisits.inspect", task.store_id)
    sees_all = policy.allows(request.user, "revisits.inspections_all", task.store_id)
    rows = task.attempts.filter(result__saves_answers=True).select_related("by", "inspection")
    found = []
    for attempt in rows:
        row: Inspection | None = getattr(attempt, "inspection", None)
        own = attempt.by.user_id == request.user.pk
        shown = row is not None and (sees_all or row.verdict == rules.FALSE or (own and row.inspected_at is not None))
        if shown or (may_inspect and row is None and not own):
            found.append({
                "attempt": attempt,
                "row": row if shown else None,
                "status": words.status(row) if shown and row else None,
                "may_open": sees_all or own,
                "is_false": shown and row is not None and row.verdict == rules.FALSE,
            })  # fmt: skip
    return found

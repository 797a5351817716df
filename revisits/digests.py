"""What revisits add to a digest of scores: from how many deliveries and visits the answers come."""

from __future__ import annotations

from datetime import date
from typing import Any

from revisits.queries import coverage


def covered(store_id: int, kind: str, first: date, last: date, today: date) -> dict[str, Any]:
    """{"coverage": {"total", "done"}} of the deliveries or visits of the days first…last; {} for other kinds."""
    of_kind = coverage.KINDS.get(kind)
    if of_kind is None:
        return {}
    found = coverage.coverage(of_kind, [store_id], first, last, today=today)
    return {"coverage": {"total": found.total, "done": found.parts[coverage.DONE]}}

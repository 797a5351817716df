"""How far a department head sees: the departments to which he is posted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from crm_site.accounts.models import Posting


def departments_of(user: Any, store_ids: Iterable[int], day: date) -> tuple[str, ...]:
    """The departments to which a user is posted in some stores on a day, each once, sorted."""
    posts = Posting.objects.current(day).filter(employee__user=user, employee__store_id__in=list(store_ids))
    return tuple(sorted(set(posts.values_list("department", flat=True))))

"""Calls that were begun and not ended: by whom, since when, and what is already typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from revisits.models import Revisit

MOST = 20


def interrupted(user: Any, now: datetime) -> QuerySet[Revisit]:
    """The calls that this user has taken and neither saved nor given back, the oldest first, with `draft`.

    Also those whose lease ran out, as long as nobody else took them: `is_leased` says whether it still runs.
    """
    leased = ExpressionWrapper(Q(lease_until__gte=now), output_field=BooleanField())
    rows = Revisit.objects.visible_to(user).filter(claimed_by__user=user).open()
    return (
        rows.annotate(is_leased=leased).select_related("customer", "rule", "draft").order_by("claimed_at", "pk")[:MOST]
    )

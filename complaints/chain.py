"""The chain of a ticket: the complaints on the same matter before and after it (domain 6.2, repeat key)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q

from complaints import settings
from complaints.actions.opening import earlier_on_the_matter
from complaints.models import Complaint, Kind, State, Validity
from complaints.queries import Rows

#: links shown on a ticket's page, each way
MOST = 5


def of(complaint: Complaint, user: Any) -> dict[str, Any]:
    """What a ticket's page names of it: before, after, what was merged into it and where it went on itself."""
    days = settings.of(complaint.store_id).repeat_days
    visible = Complaint.objects.visible_to(user)
    main = complaint.merged_into_id
    return {
        "repeat_days": days,
        "earlier": earlier(complaint, user, days),
        "later": later(complaint, user, days),
        "merged": list(visible.filter(merged_into=complaint)),
        "main": visible.filter(pk=main).first() if main else None,
    }


def earlier(complaint: Complaint, user: Any, days: int) -> list[Complaint]:
    """The latest complaints on the matter in the `days` before, as far as the user sees them."""
    rows: Rows = earlier_on_the_matter(complaint, days)
    return list(rows.visible_to(user)[:MOST])


def later(complaint: Complaint, user: Any, days: int) -> list[Complaint]:
    """The complaints on the matter that came in the `days` after, the first one first."""
    category = complaint.category
    if category is None or (complaint.vehicle_id is None and complaint.customer_id is None):
        return []
    top = category.parent.code if category.parent else category.code
    rows = Complaint.objects.visible_to(user).filter(store_id=complaint.store_id, kind=Kind.COMPLAINT)
    rows = rows.exclude(state=State.MERGED).exclude(validity=Validity.INVALID).exclude(pk=complaint.pk)
    rows = rows.filter(Q(category__code=top) | Q(category__parent__code=top))
    until = complaint.received_at + timedelta(days=days)
    rows = rows.filter(received_at__gt=complaint.received_at, received_at__lte=until)
    if complaint.vehicle_id:
        rows = rows.filter(vehicle_id=complaint.vehicle_id)
    else:
        rows = rows.filter(vehicle=None, customer_id=complaint.customer_id)
    return list(rows.order_by("received_at", "pk")[:MOST])

"""Which jobs somebody may know of."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from crm_site.accounts import policy
from crm_site.jobs.models import Job


def of_stores(user: Any, capability: str) -> QuerySet[Job]:
    """The jobs of the stores in which a user has a capability, and those of no store that everybody sees."""
    stores = policy.stores_allowing(user, capability)
    return Job.objects.visible_to(user).filter(Q(store=None) | Q(store_id__in=stores))

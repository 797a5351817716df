"""Reads of the audit trail within the stores of the reader."""

from typing import Any

from django.db.models import Q, QuerySet

from crm_site.accounts import policy
from crm_site.audit.models import Entry

#: changes of the company's defaults, which hold in the reader's stores too
FOR_EVERYBODY = tuple(
    f"ticket_settings.{what}" for what in ("numbers", "level", "stages", "phrases", "category", "category_added")
) + ("complaint.text_saved",)


def entries_for(user: Any) -> QuerySet[Entry]:
    """The entries of the stores whose audit log this user may read, and what was set for all stores.

    Other entries of no store are only for those who read all.
    """
    stores = policy.stores_allowing(user, "audit.view")
    if not stores:
        return Entry.objects.none()
    scope = Q(store_id__in=stores) | Q(store_id=None, action__in=FOR_EVERYBODY)
    if set(user.roles_by_store) == set(stores):
        scope |= Q(store_id=None, actor_type="accounts.user", actor_id=user.pk)
    return Entry.objects.filter(scope)

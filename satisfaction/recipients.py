"""Who is told of what the scores show: a store's managers, and the heads of a department."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from crm_site.accounts.models import Posting, Role, User


def in_role(store_id: int, *roles: str) -> list[User]:
    """The active users with one of the roles in a store."""
    # one filter() for both conditions: the role must be the one in this store
    rows = User.objects.filter(is_active=True).filter(memberships__store_id=store_id, memberships__role__in=roles)
    return list(rows.order_by("pk").distinct())


def managers(store_id: int) -> list[User]:
    """The store's managers; where there is none, its directors."""
    return in_role(store_id, Role.MANAGER) or in_role(store_id, Role.DIRECTOR)


def heads(store_id: int, departments: Iterable[str], day: date) -> list[User]:
    """The heads of a store who are posted to one of the departments on a day."""
    posts = Posting.objects.current(day).filter(employee__store_id=store_id, department__in=list(departments))
    posted = set(posts.values_list("employee__user_id", flat=True))
    return [user for user in in_role(store_id, Role.HEAD) if user.pk in posted]

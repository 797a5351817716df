"""How far a department head sees: the departments to which he is posted, in each store its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from crm_site.accounts.models import Posting, Role
from crm_site.accounts.scoping import headed_groups


def departments_of(user: Any, store_ids: Iterable[int], day: date) -> tuple[str, ...]:
    """The departments to which a user is posted in some stores on a day, each once, sorted.

    Of several stores they are the departments of any of them: no reach to filter by, see `headed`.
    """
    posts = Posting.objects.current(day).filter(employee__user=user, employee__store_id__in=list(store_ids))
    return tuple(sorted(set(posts.values_list("department", flat=True))))


def headed(user: Any, *, about: Collection[str] = (), store: str = "") -> tuple[list[int], tuple[str, ...]]:
    """Stores of a head and his departments in them, the same in all of them: what one page may add up.

    Who heads sales in one store and service in another gets the first store that has a department of `about` (all,
    unless told), or the named one, and every store with the same departments; the others have a page of their own.
    """
    groups = headed_groups(user)
    if store:
        groups = [group for group in groups if store in map(str, group[1])]
    fitting = [group for group in groups if not about or set(about) & set(group[0])]
    departments, stores = (fitting or groups or [([], user.stores_with({"head"}))])[0]
    return stores, tuple(departments)


def departments_seen(user: Any, store_id: int) -> tuple[str, ...] | None:
    """What one row of a store may show this user: a head's own departments there; None for who sees the store whole.

    Asked of the row's own store: somebody may head a department here and be a manager, or another head, elsewhere.
    """
    if user.role_in(store_id) != Role.HEAD:
        return None
    return tuple(sorted(user.headed_departments.get(store_id, ())))

"""Rows are reached only through `visible_to(user)`, which fails closed."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q


def sees_anything(user: Any) -> bool:
    """Whether this is a signed-in, active user; anything else sees no row."""
    return bool(user is not None and user.is_authenticated and user.is_active)


def headed_groups(user: Any) -> list[tuple[list[str], list[int]]]:
    """(departments, stores): what a head heads, stores with the same departments together; nothing for anybody else."""
    groups: dict[frozenset[str], list[int]] = {}
    for store_id, departments in user.headed_departments.items():
        groups.setdefault(departments, []).append(store_id)
    return [(sorted(departments), store_ids) for departments, store_ids in groups.items() if departments]


def of_headed_departments(user: Any, department_path: str = "department", store_path: str = "store_id") -> Q:
    """The rows of the departments that a head is posted to, each in its own store; of nobody else any row.

    Who heads sales in one store and service in another heads neither's other department: departments are never asked
    for without their stores.
    """
    found = Q(pk__in=())
    for departments, store_ids in headed_groups(user):
        found |= Q((f"{store_path}__in", store_ids), (f"{department_path}__in", departments))
    return found


class StoreScoped(models.QuerySet):
    """Rows of one store each; a model whose store lies further away names the path in `STORE_PATH`."""

    def visible_to(self, user: Any) -> Self:
        """The rows of the stores that this user may see now; nothing for anybody else."""
        if not sees_anything(user):
            return self.none()
        path = getattr(self.model, "STORE_PATH", "store_id")
        return self.filter(**{f"{path}__in": user.store_ids})


class Reference(StoreScoped):
    """Reference rows: store NULL is the company's default, a store's own row replaces it."""

    def visible_to(self, user: Any) -> Self:
        """The company's defaults and the rows of the user's stores."""
        if not sees_anything(user):
            return self.none()
        return self.filter(Q(store=None) | Q(store_id__in=user.store_ids))

    def for_store(self, store_id: int) -> Self:
        """The company's defaults and this store's own rows."""
        return self.filter(Q(store=None) | Q(store_id=store_id))

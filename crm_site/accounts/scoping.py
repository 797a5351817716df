"""Rows are reached only through `visible_to(user)`, which fails closed."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q


def sees_anything(user: Any) -> bool:
    """Whether this is a signed-in, active user; anything else sees no row."""
    return bool(user is not None and user.is_authenticated and user.is_active)


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

"""Proves that rows which refer to each other belong to the same store, for every key between tables with a store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import F


class Key(NamedTuple):
    """One key between two tables whose rows belong to stores, with the paths to both stores."""

    model: type[models.Model]
    field: str
    own: str
    other: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    def strays(self) -> models.QuerySet:
        """The rows that refer to a row of another store; company-wide rows (store NULL) fit everywhere."""
        rows = self.model._default_manager.filter(**{f"{self.own}__isnull": False, f"{self.other}__isnull": False})
        return rows.exclude(**{self.own: F(self.other)})


def scoped_keys() -> Iterator[Key]:
    """Every key whose two ends belong to a store."""
    for model in apps.get_models():
        own = _path_of(model)
        for field in model._meta.concrete_fields:
            other = _path_of(field.related_model) if field.is_relation and field.name != "store" else ""
            if own and other and not own.startswith(f"{field.name}__"):
                yield Key(model, field.name, own, f"{field.name}__{other}")


def _path_of(model: type[models.Model] | None) -> str:
    """How a row leads to its store: its own column, or the path that the model names; '' without a store."""
    if model is None:
        return ""
    if any(field.name == "store" for field in model._meta.concrete_fields):
        return "store_id"
    path = getattr(model, "STORE_PATH", "")
    return "" if path == "pk" else path

"""A small world of two stores with rows of every table, whose every text is hostile; and its people, signed in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from crm_site.accounts.models import Role, Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers import search
from customers.models import Customer
from tests.access.routes import routes
from tests.access.table import ROWS
from tests.cast import make_person
from tests.factories import DAY, NOON, StoreFactory
from tests.hostile.planting import Planter, business_tables

#: a Wednesday afternoon
NOW = clock.at(DAY, 15, 30)
#: rows of each kind in each store
EACH = 2
UNFIT = (IntegrityError, DataError, IndexError, ObjectDoesNotExist, RuleBroken)
_VALUES: dict[type[models.Field], Any] = {
    models.DateTimeField: NOON, models.DateField: DAY, models.TimeField: time(9), models.BooleanField: True,
    models.JSONField: {"文": "字"}, models.TextField: "字", models.CharField: "字", models.UUIDField: uuid.uuid4,
    models.IntegerField: 1, models.DecimalField: 1, models.FloatField: 1.0,
}  # fmt: skip


@dataclass
class World:
    """Two stores, the people of the first, what was planted, and the addresses of the first store's rows."""

    here: Store
    there: Store
    people: dict[str, SimpleNamespace]
    planter: Planter
    addresses: list[str]

    def client(self, role: str, language: str = "zh-hans") -> Client:
        """Somebody of the first store, signed in."""
        client = Client(headers={"accept-language": language})
        client.force_login(self.people[role].user, backend="django.contrib.auth.backends.ModelBackend")
        return client


@contextmanager
def standing(turn: int = 0) -> Iterator[World]:
    """The world while the block runs, and its day as today; taken back at the end, so that no other test meets it."""
    with patch("django.utils.timezone.now", return_value=NOW), transaction.atomic():
        yield _made(turn)
        transaction.set_rollback(True)


def _made(turn: int) -> World:
    here, there = StoreFactory(code="HF1"), StoreFactory(code="HF2")
    people = {role: make_person(here, role, f"某{role}") for role in Role}
    for role in (Role.MANAGER, Role.SPECIALIST):
        make_person(there, role, f"彼{role}")
    addresses = [address for store in (here, there) for address in _rows(store) if store == here]
    for model in business_tables():
        _fill_up(model, (here, there))
    planter = Planter(turn)
    connection.check_constraints()
    with _without_triggers():
        planter.plant()
    search.refresh(list(Customer.objects.values_list("pk", flat=True)))
    return World(here, there, people, planter, addresses)


def _rows(store: Store) -> list[str]:
    """Some rows of every kind that an address names; gives the addresses."""
    found = []
    for route in routes():
        for _time in range(EACH if route.arguments and route.name in ROWS else 0):
            with suppress(*UNFIT), transaction.atomic():
                found.append(reverse(route.name, kwargs=ROWS[route.name](store)))
    return found


def _fill_up(model: type[models.Model], stores: tuple[Store, ...]) -> None:
    """Rows of a table that has none yet, each with whatever its columns demand."""
    if model._base_manager.exists():
        return
    has_store = any(column.attname == "store_id" for column in model._meta.concrete_fields)
    for store in stores if has_store else stores[:1]:
        with suppress(*UNFIT), transaction.atomic():
            model._base_manager.create(**_demanded(model, store))
            connection.check_constraints()


def _demanded(model: type[models.Model], store: Store) -> dict[str, Any]:
    """A value for each column that has none by itself."""
    values: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.primary_key or (column.null and not column.is_relation):
            continue
        if isinstance(column, models.ForeignKey):
            values[column.name] = store if column.related_model is Store else _some(column, store)
        elif not column.has_default() or isinstance(column, models.JSONField):
            values[column.name] = _value(column)
    return values


def _some(column: models.ForeignKey, store: Store) -> models.Model | None:
    rows = column.related_model._base_manager.all()
    if any(one.attname == "store_id" for one in column.related_model._meta.concrete_fields):
        rows = rows.filter(store=store)
    return rows.order_by("pk").first()


def _value(column: models.Field) -> Any:
    if column.choices:
        return column.choices[0][0]
    for kind, value in _VALUES.items():
        if isinstance(column, kind):
            return value() if callable(value) else value
    return None


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Frozen and append-only tables are filled as well: whoever wrote there wrote it when it was allowed."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


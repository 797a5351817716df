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

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from complaints.models import CalendarVersion, ClockEntry, Complaint, State, Step
from crm_site.accounts.models import Employee, Membership, Role, Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.imports.models import ImportBatch
from crm_site.privacy.models import Merge
from crm_site.reports.models import MonthlyReport
from customers import search
from customers.models import Customer, Vehicle
from revisits.models import Revisit
from satisfaction.models import Digest, ImprovementMeasure, Response
from tests import environment
from tests.access.routes import routes
from tests.access.table import ROWS
from tests.cast import make_person
from tests.complaints.story import Story
from tests.factories import DAY, NOON, StoreFactory
from tests.hostile.planting import CODES, Planter, business_tables, has_store

#: a Wednesday afternoon
NOW = clock.at(DAY, 15, 30)
#: rows that are a contract: the ledger of working time, which the tickets' own way writes; who belongs where; figures
#: that are reckoned as a whole
TOLD_IN_ORDER = (CalendarVersion, ClockEntry, Step, Membership, Employee, Digest)
#: pages of one row to which rows of other tables belong -> the table
FOCUS: dict[str, type[models.Model]] = {
    "customers:card": Customer, "customers:edit": Customer, "privacy:request_new": Customer,
    "revisits:why_customer": Customer, "customers:car": Vehicle, "complaints:detail": Complaint,
    "complaints:slip": Complaint, "complaints:texts": Complaint, "revisits:story": Revisit, "revisits:call": Revisit,
    "satisfaction:response": Response, "satisfaction:measure": ImprovementMeasure, "imports:batch": ImportBatch,
    "imports:undo": ImportBatch, "reports:report": MonthlyReport, "reports:print": MonthlyReport,
    "accounts:person": Employee, "privacy:merge": Merge,
}  # fmt: skip
UNFIT = (IntegrityError, DataError, IndexError, ObjectDoesNotExist, RuleBroken)
_VALUES: dict[type[models.Field], Any] = {
    models.DateTimeField: NOON, models.DateField: DAY, models.TimeField: time(9), models.BooleanField: True,
    models.JSONField: {}, models.TextField: "字", models.CharField: "字", models.UUIDField: uuid.uuid4,
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
    if not environment.on_servers():
        pytest.skip("only PostgreSQL lets frozen and append-only tables be filled for a transaction")
    with patch("django.utils.timezone.now", return_value=NOW), transaction.atomic():
        yield _made(turn)
        transaction.set_rollback(True)


def _made(turn: int) -> World:
    here, there = StoreFactory(code="HF1"), StoreFactory(code="HF2")
    people = {role: make_person(here, role, f"某{role}") for role in Role}
    others = {role: make_person(there, role, f"彼{role}") for role in Role}
    for staff in (people, others):
        Story(staff[Role.HEAD], staff[Role.MANAGER], staff[Role.SPECIALIST]).ticket(State.CONFIRMING)
    addresses = [address for store in (here, there) for address in _rows(store) if store == here]
    for model in business_tables():
        for store in (here, there) if has_store(model) else (here,):
            _add_to(model, store)
    addresses = _first_of_each(here) + addresses
    planter = Planter(turn)
    connection.check_constraints()
    with _without_triggers():
        planter.plant()
    search.refresh(list(Customer.objects.values_list("pk", flat=True)))
    return World(here, there, people, planter, addresses)


def _rows(store: Store) -> list[str]:
    """A row of every kind that an address names, one for all addresses of its kind; gives the addresses."""
    found = []
    made: dict[Any, dict[str, Any] | None] = {}
    for route in routes():
        if not route.arguments or route.name not in ROWS:
            continue
        maker = ROWS[route.name]
        if maker not in made:
            made[maker] = None
            with suppress(*UNFIT), transaction.atomic():
                made[maker] = maker(store)
        if made[maker] is not None:
            found.append(reverse(route.name, kwargs=made[maker]))
    return found


def _add_to(model: type[models.Model], store: Store) -> None:
    """One more row that hangs on the store's first customer, car, ticket and so on, so that their pages are full."""
    if model in TOLD_IN_ORDER:
        return
    for leave_out in (False, True):
        with suppress(*UNFIT), transaction.atomic():
            model._base_manager.create(**_demanded(model, store, leave_out=leave_out))
            connection.check_constraints()
            return


def _first_of_each(store: Store) -> list[str]:
    """The addresses of those first ones."""
    firsts = {model: model._base_manager.filter(store=store).order_by("pk").first() for model in FOCUS.values()}
    return [reverse(name, args=[firsts[model].pk]) for name, model in FOCUS.items() if firsts[model]]


def _demanded(model: type[models.Model], store: Store, *, leave_out: bool) -> dict[str, Any]:
    """A value for each column that has none by itself, and for every key unless those not needed are left out."""
    values: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.primary_key or (column.null and (leave_out or not column.is_relation)):
            continue
        if isinstance(column, models.ForeignKey):
            values[column.name] = store if column.related_model is Store else _some(column, store)
        elif column.name == "source_values":
            values[column.name] = {"文": "字"}
        elif not column.has_default():
            values[column.name] = _value(column)
    return values


def _some(column: models.ForeignKey, store: Store) -> models.Model | None:
    rows = column.related_model._base_manager.all()
    if has_store(column.related_model):
        rows = rows.filter(store=store)
    return rows.order_by("pk").first()


def _value(column: models.Field) -> Any:
    if column.choices:
        return column.choices[0][0]
    if column.name in CODES and isinstance(column, models.CharField):
        return "x"
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

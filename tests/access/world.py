"""A world of two stores for the walks through every address: who asks, what is asked for, canaries beyond.

Built once a file and taken back at its end; each test stands in a savepoint of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.urls import reverse

from crm_site.accounts.models import Membership, Role, Store
from customers.models import Customer
from tests.access.asking import House, sign_in
from tests.access.routes import Route, routes
from tests.access.table import OPEN, ROWS, SHARED
from tests.cast import make_person
from tests.factories import NOON, EmployeeFactory, StoreFactory, UserFactory
from tests.privacy import canaries

#: what stands in every text of the other store, and nowhere else
CANARY = "金丝雀"
ROUTES = routes()
GUARDED = [route for route in ROUTES if route.name not in OPEN]
#: who asks, beside the six roles of store A
TWO, NOBODY, DISABLED, HOMELESS = "two", "nobody", "disabled", "homeless"
#: where the keys of store A's rows begin, of the other store's, of what is made after them, and of rows that tests make
OWN, FOREIGN, AFTER, LATER = 50_000_000, 70_000_000, 60_000_000, 80_000_000
#: what stands in an open address that opens nothing
NO_KEY = str(UUID(int=0))
#: what a field's name may mean
MEANT = {
    "store": ["accounts.store"], "employee": ["accounts.employee"], "handler": ["accounts.employee"],
    "accused": ["accounts.employee"], "responsible": ["accounts.employee"], "owner": ["accounts.user"],
    "user": ["accounts.user"], "by": ["accounts.employee"], "to": ["accounts.employee"],
    "vehicle": ["customers.vehicle"], "car": ["customers.vehicle"], "customer": ["customers.customer"],
    "questionnaire": ["satisfaction.questionnaire"],
    "response": ["satisfaction.response"], "segment": ["customers.segment"], "phone": ["customers.phone"],
    "revisit": ["revisits.revisit"], "call": ["revisits.revisit"], "file": ["files.storedfile"], "day": [
        "worktime.calendarday"], "order": ["customers.repairorder"], "contact": ["customers.contact"],
}  # fmt: skip
#: columns of codes in tables of no person
_CODES = {"code", "username", "password", "key", "path", "sha256", "kind", "purpose", "capability", "content_type"}


class World:
    """Store A, where people ask; store B, whose every text is a canary; sessions of everybody."""

    def __init__(self) -> None:
        if connection.vendor == "postgresql":
            set_keys(OWN)  # the world of another file may have left the counters where ours will stand
        self.house = House()
        self.here: Store = StoreFactory(code="A", short_name="渝北一店")
        self.people = {role.value: make_person(self.here, role, f"某{role.value}") for role in Role}
        self._made: dict[tuple[Any, int], dict[str, Any]] = {}
        self._fill(self.here)
        with keys_from(FOREIGN):
            self.there: Store = StoreFactory(code="B", short_name="南岸店")
            self.strangers = {role.value: make_person(self.there, role, f"外{role.value}") for role in Role}
        with keys_from(FOREIGN + 1_000_000):
            self._fill(self.there)
        self.users = {role: person.user for role, person in self.people.items()} | self._others()
        self.cookies = {name: sign_in(user) for name, user in self.users.items()}
        self.foreign_cookies = {role: sign_in(person.user) for role, person in self.strangers.items()}
        self.users[DISABLED].is_active = False
        self.users[DISABLED].save(update_fields=["is_active"])
        plant(self.there)

    def _fill(self, store: Store) -> None:
        """A row behind every address, in a store."""
        for route in GUARDED:
            self.arguments(route, store)

    def same_keys(self) -> None:
        """Let the next new row of every table have the same key as after the last call."""
        set_keys(LATER)

    def foreign(self, name: str) -> list[int]:
        """Keys of the other store that somebody might put into a field: of the rows it may mean by its name."""
        found = [key for key, models_ in MEANT.items() if key in name.lower() for key in self._keys(models_)]
        return found or self._keys(["customers.customer", "accounts.employee"])

    def _keys(self, labels: list[str]) -> list[int]:
        if not hasattr(self, "_cached"):
            self._cached: dict[str, int] = {}
        for label in labels:
            if label not in self._cached:
                model = apps.get_model(label)
                path = _path(model) or "pk"
                rows = model._base_manager.filter(**{path: self.there.pk})
                self._cached[label] = rows.values_list("pk", flat=True).first() or 0
        return [self._cached[label] for label in labels]

    def forged(self, names: Iterable[str]) -> dict[str, str]:
        """What somebody would send in fields that a form does not have."""
        given = {"state": "closed", "role": "admin", "score": "100", "deadline": "2099-01-01T00:00", "sha256": "0" * 64}
        rows = {name: str(self.foreign(name)[0]) for name in names}
        return {name: given.get(name, "1" if name.startswith("is_") else key) for name, key in rows.items()}

    def _others(self) -> dict[str, Any]:
        """Frontline here and manager there; nobody; a manager who is disabled; a user of no store."""
        two = make_person(self.here, Role.FRONTLINE, "两店")
        Membership.objects.create(user=two.user, store=self.there, role=Role.MANAGER)
        EmployeeFactory(store=self.there, user=two.user, name="两店")
        disabled = make_person(self.here, Role.MANAGER, "离任")
        return {TWO: two.user, NOBODY: None, DISABLED: disabled.user, HOMELESS: UserFactory(username="homeless")}

    def arguments(self, route: Route, store: Store) -> dict[str, Any]:
        """What an address names in a store; one row for all addresses that name the same kind of row."""
        if not route.arguments:
            return {}
        if route.name in OPEN:
            return dict.fromkeys(route.arguments, NO_KEY)
        if route.name in SHARED:
            return SHARED[route.name]()
        maker = ROWS[route.name]
        if (maker, store.pk) not in self._made:
            self._made[maker, store.pk] = maker(store)
        return self._made[maker, store.pk]

    def url(self, route: Route, store: Store | None = None) -> str:
        """An address with a row of a store, store A unless told."""
        return reverse(route.name, kwargs=self.arguments(route, store or self.here))


def set_keys(first: int) -> None:
    """Let every table go on counting from a number."""
    with connection.cursor() as cursor:
        cursor.execute(_setting(first))


@cache
def _setting(first: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname = 'public'")
        return "SELECT " + ", ".join(f"setval('{schema}.\"{name}\"', {first})" for schema, name in cursor.fetchall())


@contextmanager
def keys_from(first: int) -> Iterator[None]:
    """Within it new rows have keys from a number on, so that a row of the other store is known by its key."""
    if connection.vendor == "postgresql":
        set_keys(first)
    yield
    if connection.vendor == "postgresql":
        set_keys(AFTER)


def names_a_row(route: Route) -> bool:
    """Whether an address names a row of a store."""
    return bool(route.arguments) and route.name not in SHARED


def plant(store: Store) -> None:
    """Write a canary into every text of a store: of its customers, its people, and what else is its own."""
    canaries.plant(Customer.objects.filter(store=store).values_list("pk", flat=True))
    for model in apps.get_models():
        if model._meta.app_label in canaries.GENERAL | {"audit"} and model._meta.app_label != "accounts":
            continue
        path = _path(model)
        if path:
            _plant_in(model, model._base_manager.filter(**{path: store.pk}))
    Store.objects.filter(pk=store.pk).update(name=f"{CANARY}公司", short_name=f"{CANARY}店")


def _path(model: type[models.Model]) -> str:
    """How a row leads to its store; '' where it leads to none."""
    if model is Store:
        return ""
    own = getattr(model, "STORE_PATH", "")
    return own or ("store_id" if any(field.name == "store" for field in model._meta.concrete_fields) else "")


def _plant_in(model: type[models.Model], rows: models.QuerySet) -> None:
    """A canary in every text column that holds no code; a frozen table keeps its texts."""
    for field in model._meta.concrete_fields:
        is_text = type(field) in (models.CharField, models.TextField) and not field.choices
        if not is_text or field.name in canaries.CODES | _CODES or (field.max_length or 99) < len(CANARY) + 6:
            continue
        for row in rows:
            try:
                with transaction.atomic():
                    rows.filter(pk=row.pk).update(**{field.name: f"{CANARY}{row.pk}"})
            except DatabaseError:
                break


@contextmanager
def built() -> Iterator[World]:
    """The world, at noon of the day of the tests."""
    with patch("django.utils.timezone.now", return_value=NOON), transaction.atomic():
        made = World()
        connection.check_constraints()
        yield made
        transaction.set_rollback(True)


@contextmanager
def savepoint() -> Iterator[None]:
    """Whatever happens within is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

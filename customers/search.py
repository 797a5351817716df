"""Keeps the search tokens of customers up to date, and finds customers by them within the reader's stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from crm_site.core import sql
from customers import rules
from customers.models import Contact, Customer, Phone, SearchToken, Vehicle, VehicleRole

COLUMNS = ["store_id", "customer_id", "vehicle_id", "kind", "token"]
#: rows looked at for one reading of a search; more are cut off and said so
LIMIT = 50


@transaction.atomic
def refresh(customer_ids: Iterable[int]) -> int:
    """Write the tokens of some customers anew, in a fixed number of statements; gives how many tokens they have."""
    ids = sorted(set(customer_ids))
    SearchToken.objects.filter(customer_id__in=ids).delete()
    return sql.load_rows(SearchToken, COLUMNS, sorted(_rows(ids), key=lambda row: (row[0], row[1], row[3], row[4])))


def around_undo(rows: Mapping[str, Sequence[int]]) -> Callable[[], None]:
    """For settings.AROUND_UNDO: whom the rows belong to is asked before they are taken back, then their tokens follow.

    `rows` is {model label: [keys]}.
    """
    owners = set(rows.get("customers.customer", ()))
    for model in (Phone, Contact, VehicleRole):
        owners.update(_owners(model, Q(pk__in=rows.get(model._meta.label_lower, ()))))
    owners.update(_owners(VehicleRole, Q(vehicle_id__in=rows.get("customers.vehicle", ()))))

    def follow() -> None:
        roles = Q(vehicle_id__in=rows.get("customers.vehicle", ())) | Q(pk__in=rows.get("customers.vehiclerole", ()))
        refresh(owners | set(_owners(VehicleRole, roles)))

    return follow


def _owners(model: type[Model], which: Q) -> QuerySet:
    return model._default_manager.filter(which).values_list("customer_id", flat=True)


def _rows(ids: list[int]) -> set[tuple]:
    rows: set[tuple] = set()
    for pk, store, name, number in Customer.objects.filter(pk__in=ids).values_list("pk", "store_id", "name", "number"):
        rows |= {(store, pk, None, *token) for token in rules.name_tokens(name) + rules.number_tokens(number)}
    for store, pk, name in Contact.objects.filter(customer_id__in=ids).values_list("store_id", "customer_id", "name"):
        rows |= {(store, pk, None, *token) for token in rules.name_tokens(name)}
    for store, pk, number in Phone.objects.filter(customer_id__in=ids).values_list("store_id", "customer_id", "number"):
        rows |= {(store, pk, None, *token) for token in rules.phone_tokens(number)}
    for store, pk, vehicle, plate, vin in _cars(ids):
        rows |= {(store, pk, vehicle, *token) for token in rules.plate_tokens(plate) + rules.vin_tokens(vin)}
    for store, pk, vehicle, plate in _former_plates(ids):
        rows |= {(store, pk, vehicle, *token) for token in rules.plate_tokens(plate)}
    return rows


def _cars(ids: list[int]) -> QuerySet:
    """(store, customer, vehicle, plate, VIN) of the cars that the customers have or had a role on."""
    return (
        VehicleRole.objects.filter(customer_id__in=ids)
        .values_list("store_id", "customer_id", "vehicle_id", "vehicle__plate_no", "vehicle__vin")
        .distinct()
    )


def _former_plates(ids: list[int]) -> QuerySet:
    """(store, customer, vehicle, plate) of the plates that these cars had before."""
    rows = VehicleRole.objects.filter(customer_id__in=ids, vehicle__former_plates__isnull=False)
    return rows.values_list("store_id", "customer_id", "vehicle_id", "vehicle__former_plates__plate_no").distinct()


@dataclass(frozen=True)
class Hit:
    """One customer found, with the kind of fact that the search met and the car it led through."""

    customer: Customer
    kind: str
    vehicle: Vehicle | None


def find(user: Any, typed: str, limit: int = LIMIT) -> list[Hit]:
    """The customers that a typed search may mean, likeliest reading first, whole matches before longer ones.

    Searches the stores that the user may see now; the number of queries hangs on readings and stores, not on hits.
    """
    meant = rules.read_search(typed)
    if not meant or not user.is_authenticated:
        return []
    found = _look_up(user.store_ids, meant, limit)
    customers = {
        customer.pk: customer
        for customer in Customer.objects.visible_to(user)
        .filter(pk__in=[row["customer_id"] for row in found], restricted=False)
        .select_related("store")
    }
    vehicles = Vehicle.objects.in_bulk({row["vehicle_id"] for row in found if row["vehicle_id"]})
    return [
        Hit(customers[row["customer_id"]], row["kind"], vehicles.get(row["vehicle_id"]))
        for row in found
        if row["customer_id"] in customers
    ]


def _look_up(store_ids: list[int], meant: list[rules.Token], limit: int) -> list[dict[str, Any]]:
    """The first token of each customer, ranked by reading, wholeness and token."""
    # one index range each: SQLite takes no LIMIT inside a UNION, and without one a single letter would read everything
    rows = [row for token in meant for store_id in store_ids for row in _range(store_id, token)[:limit]]
    order = {token.kind: rank for rank, token in enumerate(meant)}
    length = {token.kind: len(token.token) for token in meant}
    rows.sort(key=lambda row: (len(row["token"]) != length[row["kind"]], order[row["kind"]], row["token"]))
    first: dict[int, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row["customer_id"], row)
    return list(first.values())[:limit]


def _range(store_id: int, token: rules.Token) -> QuerySet:
    low, high = sql.prefix_range(token.token)
    return (
        SearchToken.objects.filter(store_id=store_id, kind=token.kind, token__gte=low, token__lt=high)
        .order_by("token", "customer_id")
        .values("customer_id", "vehicle_id", "kind", "token")
    )

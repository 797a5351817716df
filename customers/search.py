"""Keeps the search tokens of customers up to date; `find` (customers.finding) finds customers by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from crm_site.core import sql
from customers import rules
from customers.finding import LIMIT, Find, Hit, find, others
from customers.models import Contact, Customer, Phone, SearchToken, VehicleRole

__all__ = ["COLUMNS", "LIMIT", "Find", "Hit", "around_undo", "find", "others", "refresh"]

COLUMNS = ["store_id", "customer_id", "vehicle_id", "kind", "token"]


@transaction.atomic
def refresh(customer_ids: Iterable[int]) -> int:
    """Write the tokens of some customers anew, in a fixed number of statements; gives how many tokens they have."""
    ids = sorted(set(customer_ids))
    SearchToken.objects.filter(customer_id__in=ids).delete()
    ids = list(Customer.objects.standing().filter(pk__in=ids, anonymised_on=None).values_list("pk", flat=True))
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
    gone = Customer.objects.filter(merged_into__in=ids).values_list("merged_into_id", "store_id", "name", "number")
    for pk, store, name, number in gone:  # whoever knows the merged card finds the one that stands for both
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

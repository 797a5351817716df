"""What the search box finds: customers by any word of theirs, and what other rooms know by a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise

from crm_site.core import hooks, phones, reading, sql
from customers import probing, rules
from customers.models import Customer, SearchToken, Vehicle, VehicleRole
from customers.rules.ranking import Met, ranked
from customers.rules.tokens import MIN_PHONE_TAIL

#: rows looked at for one reading of a search in one store, and customers shown; more are cut off and said so
LIMIT = 50
#: so many more are looked at, as some of them are hidden and former owners come last
SPARE = 20
#: digits of a number that a searcher sees of it at most, having typed them
MOST_DIGITS = 8
COLUMNS = ("customer_id", "vehicle_id", "kind", "token")


@dataclass(frozen=True)
class Hit:
    """One customer found: the kind of fact that the search met, the car it led through, and how well it fits."""

    customer: Customer
    kind: str
    vehicle: Vehicle | None
    #: what was met, as far as the searcher may see it ('' where the row shows it anyway)
    through: str = ""
    is_whole: bool = False
    #: the car is no longer theirs
    is_former: bool = False


class Find(NamedTuple):
    """What another room knows by what was typed (a ticket, a repair order): where it is and one line about it."""

    kind: str | Promise
    title: str
    line: str
    url: str


def find(user: Any, typed: str, limit: int = LIMIT) -> list[Hit]:
    """The customers that a typed search may mean: whole matches first, the likeliest reading first, owners of now
    before former ones.

    Searches the stores that the user may see now; restricted, merged and anonymised cards are not found. The number
    of queries is the same for any number of readings, stores and hits.
    """
    meant = rules.read_search(typed)
    if not meant or not user.is_authenticated:
        return []
    meant = probing.narrowed(user, meant)
    found = [Met(*row) for row in reading.union_all(_ranges(user.store_ids, meant, limit))]
    found = _foremost(found, meant, limit + SPARE)
    known = _customers(user, {met.customer for met in found})
    found = [met for met in found if met.customer in known]
    roles = _roles(found)
    present = {pair for pair, role in roles.items() if role.until is None}
    return [
        _hit(known[met.customer], met, roles.get((met.customer, met.vehicle)), meant, present)
        for met in ranked(found, meant, present)[:limit]
    ]


def _foremost(found: list[Met], meant: list[rules.Token], most: int) -> list[Met]:
    """The words of so many customers as may be shown; looking at the cards of all takes longer than finding them."""
    first = {met.customer for met in ranked(found, meant, {(met.customer, met.vehicle) for met in found})[:most]}
    return [met for met in found if met.customer in first]


def others(user: Any, typed: str) -> list[Find]:
    """What other rooms know by exactly this number (settings.FINDERS)."""
    written = typed.replace("\0", "").strip()
    return [one for look in hooks.load("FINDERS") for one in look(user, written)] if written else []


def _ranges(store_ids: Iterable[int], meant: Iterable[rules.Token], limit: int) -> list[Any]:
    """One index range for each reading and store, cut off: a single letter would otherwise read everything."""
    return [_range(store_id, token)[:limit] for token in meant for store_id in store_ids]


def _range(store_id: int, token: rules.Token) -> Any:
    low, high = sql.prefix_range(token.token)
    rows = SearchToken.objects.filter(store_id=store_id, kind=token.kind, token__gte=low, token__lt=high)
    return rows.order_by("token", "customer_id").values_list(*COLUMNS)


def _customers(user: Any, ids: set[int]) -> dict[int, Customer]:
    """Those of the customers who may be found."""
    rows = Customer.objects.visible_to(user).filter(pk__in=ids, restricted=False, anonymised_on=None)
    return {customer.pk: customer for customer in rows.select_related("store")}


def _roles(found: Iterable[Met]) -> dict[tuple[int, int | None], VehicleRole]:
    """The roles by which the cars that were met belong to the customers; one that holds before one that ended."""
    pairs = {(met.customer, met.vehicle) for met in found if met.vehicle is not None}
    rows = VehicleRole.objects.filter(vehicle_id__in={vehicle for _customer, vehicle in pairs})
    roles: dict[tuple[int, int | None], VehicleRole] = {}
    for role in rows.select_related("vehicle"):
        pair = (role.customer_id, role.vehicle_id)
        if pair in pairs and (pair not in roles or role.until is None):
            roles[pair] = role
    return roles


def _hit(
    customer: Customer, met: Met, role: VehicleRole | None, meant: list[rules.Token], present: set[tuple[int, int]]
) -> Hit:
    is_former = met.vehicle is not None and (met.customer, met.vehicle) not in present
    vehicle = role.vehicle if role else None
    return Hit(customer, met.kind, vehicle, _through(met, meant), met.is_whole(meant), is_former)


def _through(met: Met, meant: Iterable[rules.Token]) -> str:
    """The number that was met, with no digit in sight but the masked form's and those that were typed."""
    if met.kind != rules.PHONE:
        return ""
    number = met.token[::-1]
    typed = min(max(len(one.token) for one in meant if one.kind == rules.PHONE), MOST_DIGITS)
    return phones.mask(number) if typed <= MIN_PHONE_TAIL else "*" * (len(number) - typed) + number[-typed:]

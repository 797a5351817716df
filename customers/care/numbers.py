"""Telephone numbers under suspicion: their state on a card, numbers on many cards, numbers of colleagues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm_site.accounts import policy, staff_numbers
from crm_site.accounts.models import Employee
from crm_site.core.paging import Count as Number
from customers.models import Phone, VehicleRole
from customers.rules import numbers as rules

CAPABILITY = "customers.care"
MANY_CARDS = rules.MANY_CARDS
#: numbers of one page, and cards of one number that are shown
PAGE, MOST_CARDS = 25, 50

WORDS = {
    rules.GOOD: _("Good"),
    rules.UNTRIED: _("Never tried"),
    rules.BAD: _("Bad number"),
    rules.STAFF: _("Staff number"),
}
KINDS = {rules.GOOD: "ok", rules.UNTRIED: "line", rules.BAD: "bad", rules.STAFF: "warn"}


@dataclass(frozen=True)
class NumberState:
    """What is known of one number on a card, in words; `cards` counts the standing cards that have it."""

    code: str
    cards: int = 1
    good_on: date | None = None

    @property
    def word(self) -> str:
        """The state, as a reader reads it."""
        return str(WORDS[self.code])

    @property
    def kind(self) -> str:
        """How a status shows it."""
        return KINDS[self.code]

    @property
    def is_suspect(self) -> bool:
        """Whether it stands on more cards than a family has."""
        return rules.is_shared(self.cards)

    @property
    def shared(self) -> str:
        """That other cards have the number too; '' where none has."""
        if self.cards < 2:
            return ""
        return ngettext("on %(n)d card", "on %(n)d cards", self.cards) % {"n": self.cards}


def states(store_id: int, phones: Collection[Phone]) -> dict[int, NumberState]:
    """{phone: its state} of some numbers of one store; two queries for any number of them."""
    if not phones:
        return {}
    digits = {phone.number for phone in phones}
    held = Phone.objects.filter(store_id=store_id, number__in=digits, customer__merged_into=None).order_by()
    cards = dict(held.values_list("number").annotate(n=Count("pk")))
    staff = staff_numbers.of_store(store_id)
    return {
        phone.pk: NumberState(
            rules.state(bad_since=phone.bad_since, good_on=phone.good_on, is_staff=phone.number in staff),
            cards.get(phone.number, 1),
            phone.good_on,
        )
        for phone in phones
    }


# ---- lists ----------------------------------------------------------------------------------------------------------


@dataclass
class Suspect:
    """One number with the cards that have it, and the colleagues whose number it is."""

    store: Any
    number: str
    phones: list[Phone] = field(default_factory=list)
    employees: list[Employee] = field(default_factory=list)
    #: how many cards have it, also those not shown
    cards: int = 0


Key = tuple[int, str]


def shared(user: Any) -> list[tuple[Key, int]]:
    """((store, number), cards) of the numbers on more than MANY_CARDS cards that the user sees, most cards first.

    Numbers that are bad already ask for nothing more. The first query reads the index of numbers alone; the second
    counts only the few that it leaves, on cards that stand and may be seen.
    """
    stores = policy.stores_allowing(user, CAPABILITY)
    rows = Phone.objects.filter(store_id__in=stores).order_by().values_list("store_id", "number")
    many = list(rows.annotate(n=Count("pk")).filter(n__gt=rules.MANY_CARDS).values_list("store_id", "number"))
    counted = _counted(user, many)
    found = [(key, cards) for key, cards in counted.items() if rules.is_shared(cards)]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def staff(user: Any) -> list[tuple[Key, int]]:
    """((store, number), cards) of the numbers of employees, also former, that stand on customers' cards."""
    stores = policy.stores_allowing(user, CAPABILITY)
    counted = _counted(user, list(staff_numbers.owners(stores)))
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _counted(user: Any, keys: list[Key]) -> dict[Key, int]:
    """On how many cards that the user sees each number stands and is not bad."""
    rows = _standing(user, {number for _store, number in keys}).order_by().values_list("store_id", "number")
    wanted = set(keys)
    found = rows.annotate(n=Count("pk")).values_list("store_id", "number", "n")
    return {(store_id, number): n for store_id, number, n in found if (store_id, number) in wanted}


def _standing(user: Any, numbers: Collection[str]) -> Any:
    stores = policy.stores_allowing(user, CAPABILITY)
    hidden = Q(customer__restricted=True) & ~Q(store_id__in=policy.stores_allowing(user, "customers.restrict"))
    rows = Phone.objects.filter(store_id__in=stores, number__in=numbers, bad_since=None, customer__merged_into=None)
    return rows.exclude(hidden)


LISTS = {"shared": shared, "staff": staff}


def suspects(user: Any, found: Iterable[tuple[Key, int]]) -> list[Suspect]:
    """The numbers of a page with their cards, and whose they are among the colleagues; five queries for a page."""
    found = list(found)
    employees = staff_numbers.owners({store_id for (store_id, _number), _cards in found})
    by_key: dict[Key, list[Phone]] = defaultdict(list)
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    rows = _standing(user, {number for (_store, number), _cards in found}).select_related(
        "customer", "contact", "store"
    )
    for phone in rows.prefetch_related(Prefetch("customer__vehicle_roles", queryset=roles, to_attr="present_roles")):
        if len(by_key[phone.store_id, phone.number]) < MOST_CARDS:
            by_key[phone.store_id, phone.number].append(phone)
    return [
        Suspect(by_key[key][0].store, key[1], by_key[key], employees.get(key, []), cards)
        for key, cards in found
        if by_key[key]
    ]


def count(name: str) -> Any:
    """How many numbers a list has, for the hub."""

    def counted(user: Any, _today: date) -> Number:
        return Number(len(LISTS[name](user)))

    return counted

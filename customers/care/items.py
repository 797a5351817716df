"""The archive's own checks of quality; rooms above add theirs by QUALITY_ITEMS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.core import hooks, plates
from customers.care import addresses
from customers.models import Consent, Phone, Vehicle, VehicleRole
from customers.rules import quality as rules


@dataclass(frozen=True)
class Item:
    """One check: which cards it looks at and which of them fail, both as conditions on Customer."""

    code: str
    label: str | Promise
    #: how it is reckoned, as shown beside the figure
    definition: str | Promise
    #: what is to be done about a card that fails
    fault: str | Promise
    failing: Callable[[date], Q]
    looked_at: Callable[[date], Q] = lambda _today: Q()
    #: a column of the card in per cent, where a card may be good in part: the share is then its mean
    graded_by: str = ""


def items() -> list[Item]:
    """Every check, in the order of the settings."""
    return [item for some in hooks.load("QUALITY_ITEMS") for item in some]


def _own_cars() -> QuerySet[VehicleRole]:
    roles = VehicleRole.objects.filter(customer=OuterRef("pk"), until=None, role=VehicleRole.Kind.OWNER)
    return roles.filter(vehicle__state=Vehicle.State.ACTIVE)


def _without_number(_today: date) -> Q:
    return Q(~Exists(Phone.objects.filter(customer=OuterRef("pk"), bad_since=None)))


def _without_consent(_today: date) -> Q:
    return Q(marketing_consent=None) & Q(~Exists(Consent.objects.filter(customer=OuterRef("pk"))))


def _incomplete(_today: date) -> Q:
    return Q(completeness__lt=rules.COMPLETE_FROM)


def _reckoned(_today: date) -> Q:
    return Q(completeness__isnull=False)


def _with_address(_today: date) -> Q:
    return ~Q(address="") | Q(address_bad_since__isnull=False)


def _owning(_today: date) -> Q:
    return Q(Exists(_own_cars()))


def _car_unknown(today: date) -> Q:
    """A car without VIN, or with a plate that is none: both are what finds the car again at the gate.

    A new car runs without a plate of its own for some weeks.
    """
    awaited = Q(vehicle__plate_no="", vehicle__purchased_on__gte=today - timedelta(days=rules.PLATE_AFTER_DAYS))
    odd = ~Q(vehicle__plate_no__regex=plates.PATTERN) & ~awaited
    return Q(Exists(_own_cars().filter(Q(vehicle__vin=None) | odd)))


ITEMS: list[Item] = [
    Item(
        "phone", _("Phone valid"),
        _("Cards with at least one number that is not known to be vacant, suspended, wrong or somebody else's."),
        _("No good number"), _without_number,
    ),
    Item(
        "complete", _("Complete"),
        _("Facts filled of the facts that count, as a mean of the cards; a card below 90 per cent is to be completed."),
        _("Facts are missing"), _incomplete, _reckoned, "completeness",
    ),
    Item(
        "address", _("Address fresh"),
        _("Cards whose address was entered or confirmed within 24 months and is not known to be wrong, of those with"
          " an address."),
        _("Address not confirmed"), addresses.untrusted, _with_address,
    ),
    Item(
        "consent", _("Consent asked"),
        _("Cards on which any consent stands, given or refused, with its time and source."),
        _("Consent never asked"), _without_consent,
    ),
    Item(
        "cars", _("VIN and plate valid"),
        _("Owners all of whose cars in use have a VIN and a plate of a known form, of all who own such a car;"
          " a car bought within 60 days may lack its plate."),
        _("VIN or plate missing or odd"), _car_unknown, _owning,
    ),
]  # fmt: skip

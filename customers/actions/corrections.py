"""Remembers each corrected fact: who, when, where it was learned, and for a while what stood there before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models

from crm_site.accounts import data_rules
from crm_site.accounts.models import Employee
from crm_site.audit.models import Entry
from crm_site.core import clock
from customers.actions.editing import as_text
from customers.models import Correction, Vehicle, VehicleRole

#: a number that was added: nothing stood before, and yet the card is better than it was
PHONE_ADDED = "phone_added"


@dataclass(frozen=True)
class Learned:
    """Where a correction was learned; `call` is the key of the call that taught it."""

    source: str = Correction.Source.CARD
    call: int | None = None

    @property
    def detail(self) -> dict[str, Any]:
        """What the trail says of it: the call, by its key."""
        return {"call": self.call} if self.call else {}


ON_CARD = Learned()


def standing(row: models.Model, names: Iterable[str]) -> dict[str, str]:
    """What stands in some columns now, to be kept as what stood before; call it before they are set."""
    return {name: as_text(getattr(row, name)) for name in names}


def keep(
    entry: Entry, customer_id: int, before: Mapping[str, str], *, by: Employee, learned: Learned = ON_CARD,
    vehicle: Vehicle | None = None,
) -> None:  # fmt: skip
    """Remember that the facts named in `before` were corrected; those in which nothing stood were only filled.

    Call it in the transaction of the change, with its entry of the trail, which holds the names and no value. What
    stood before is kept as long as uploads are (DataRules.keep_days) and is then forgotten as they are.
    """
    told = {name: text for name, text in before.items() if text or name == PHONE_ADDED}
    if not told:
        return
    day = clock.business_day(entry.at)
    until = day + timedelta(days=data_rules.of_store(by.store_id).keep_days)
    Correction.objects.bulk_create(
        Correction(
            store_id=by.store_id,
            customer_id=customer_id,
            vehicle=vehicle,
            field=name,
            at=entry.at,
            day=day,
            by=by,
            source=learned.source,
            call=learned.call,
            entry=entry.pk,
            before=text[:200],
            before_until=until if text else None,
        )
        for name, text in told.items()
    )


def keep_of_car(
    entry: Entry, vehicle: Vehicle, before: Mapping[str, str], *, by: Employee, learned: Learned = ON_CARD
) -> None:
    """The same for facts of a car: they hang on its present owner's card, else on that of whoever has a role on it."""
    roles = VehicleRole.objects.filter(vehicle=vehicle, until=None).order_by("pk")
    holders = dict(roles.values_list("role", "customer_id"))
    customer_id = holders.get(VehicleRole.Kind.OWNER) or next(iter(holders.values()), None)
    if customer_id is not None:
        keep(entry, customer_id, before, by=by, learned=learned, vehicle=vehicle)

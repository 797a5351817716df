"""What forbids a call at the moment it would be made: checked when it is claimed and when its page opens."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from customers.models import ContactBan
from revisits.models import Revisit
from revisits.rules import contact
from revisits.rules.codes import Reason, State


class Stop(NamedTuple):
    """The state that a stop fact leads to, and the reason."""

    state: State
    reason: Reason


def stop_now(revisit: Revisit, today: date) -> Stop | None:
    """Why a call must not be made today although it is on the list; None when it may.

    Wants a row of queries.for_desk(). One query more for the refusals.
    """
    ended = gone_fact(revisit) or (contact.end_of_vehicle(revisit.vehicle.state) if revisit.vehicle else None)
    if ended:
        return Stop(State.CANCELLED, ended)
    customer = revisit.customer
    if customer is None:
        return None
    bans = ContactBan.objects.in_force(today).filter(customer=customer, channel__in=contact.TELEPHONE)
    purposes = [
        purpose for purpose, car in bans.values_list("purpose", "vehicle_id") if car in (None, revisit.vehicle_id)
    ]
    refused = contact.refusal(revisit.rule_version.purpose, restricted=customer.restricted, bans=sorted(purposes))
    return Stop(State.EXCUSED, refused) if refused else None


def gone_fact(revisit: Revisit) -> Reason | None:
    """Why the fact behind a call is none any more: an order void or reopened, a car returned; None while it stands."""
    order, delivery = revisit.repair_order, revisit.delivery
    if order is not None:
        return contact.end_of_order(order.state, order.released_on)
    return Reason.DELIVERY_RETURNED if delivery is not None and delivery.returned_on else None

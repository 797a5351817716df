"""What a customer does not want: setting and lifting bans on contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers.models import ContactBan, Customer


@transaction.atomic
def set_ban(customer_id: int, *, values: Mapping[str, Any], by: Employee | None) -> ContactBan:
    """Note that a customer does not want to be contacted: purpose, channel, vehicle, since, until, reason.

    The same wish a second time gives the one that stands. Raises RuleBroken for an end before the beginning.
    """
    customer = Customer.objects.locked(customer_id)
    since, until, vehicle = values["since"], values.get("until"), values.get("vehicle")
    if until and until < since:
        raise RuleBroken(_("The end lies before the beginning."), code="ban_ends_before", field="until")
    if vehicle is not None and not customer.vehicle_roles.filter(vehicle=vehicle).exists():
        raise RuleBroken(_("Choose one of the entries offered here."), field="vehicle")
    wish = {"purpose": values["purpose"], "channel": values["channel"], "vehicle": vehicle}
    standing = customer.bans.in_force(since).filter(until=until, **wish).first()
    if standing is not None:
        return standing
    ban = ContactBan.objects.create(
        store_id=customer.store_id, customer=customer, since=since, until=until,
        reason=values.get("reason", "")[:200], set_by=by, **wish,
    )  # fmt: skip
    trail.record(by, "ban.set", customer, ban=ban.pk, purpose=ban.purpose, channel=ban.channel)
    return ban


@transaction.atomic
def lift_ban(ban_id: int, *, by: Employee | None, now: datetime, reason: str = "") -> ContactBan:
    """The customer agrees again: the ban ends now and stays on record, with what they said."""
    ban = ContactBan.objects.select_for_update().select_related("customer").get(pk=ban_id)
    if ban.lifted_at is None:
        ban.lifted_at, ban.lifted_by, ban.lifted_because = now, by, reason.strip()[:200]
        ban.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])
        trail.record(by, "ban.lifted", ban.customer, ban=ban.pk, purpose=ban.purpose)
    return ban

"""Notes why a customer stays away: as told in a call, or as somebody who may edit the card corrects it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers.models import Customer
from customers.rules.defection import KIND_OF

COLUMNS = ("defection_type", "defection_reason", "defection_told_on")


@transaction.atomic
def note_defection(
    customer_id: int, *, kind: str, reason: str, told_on: date | None, by: Employee, today: date
) -> Customer:
    """Put kind, reason and the day on which it was told on the card; without any of them what stands is taken away.

    `reason` is a code of rules.defection and brings its own kind; `kind` alone is possible, and neither where the
    words were not clear. Refuses a day ahead, and a reason without a day.
    """
    if told_on is not None and told_on > today:
        raise RuleBroken(_("That day is still ahead."), code="ahead", field="told_on")
    if (kind or reason) and told_on is None:
        raise RuleBroken(_("Say on which day it was told."), code="day", field="told_on")
    if reason and reason not in KIND_OF:
        raise RuleBroken(_("Choose one of the reasons offered here."), code="reason", field="reason")
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    told = (KIND_OF[reason] if reason else kind, reason, told_on)
    if told == tuple(getattr(customer, name) for name in COLUMNS):
        return customer
    customer.defection_type, customer.defection_reason, customer.defection_told_on = told
    customer.save(update_fields=COLUMNS)
    trail.record(by, "customer.defection_noted", customer, kind=told[0], reason=reason)
    return customer

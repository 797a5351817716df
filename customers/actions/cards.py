"""Making and correcting a customer's card, restricting it, and showing one of its numbers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers import search
from customers.actions import editing
from customers.models import Customer, Phone

#: what a person may enter and correct on a card
FIELDS = (
    "number", "customer_type", "value_class", "name", "salutation", "sex", "birthday", "province", "city", "district",
    "address",
    "industry", "occupation", "employer", "email", "source", "hobbies", "preferred_time", "marketing_consent", "note",
)  # fmt: skip


def _number_taken() -> RuleBroken:
    return RuleBroken(
        _("Another customer of this store has this customer number."), code="number_taken", field="number"
    )


@transaction.atomic
def create_customer(
    store: Store, *, values: Mapping[str, Any], phone: str, submission: uuid.UUID, by: Employee, now: datetime
) -> Customer:
    """Add a customer with a first number; the same submission again gives the customer that it made.

    `values` holds some of FIELDS. Raises RuleBroken (field "number") where the customer number is taken.
    """
    made = Customer.objects.filter(store=store, submission=submission).first()
    if made is not None:
        return made
    facts = {name: values[name] for name in FIELDS if name in values}
    facts["number"] = facts.get("number") or None
    customer = Customer(store=store, submission=submission, created_at=now, **facts)
    try:
        with transaction.atomic():
            customer.save(force_insert=True)
    except IntegrityError as clash:
        twin = Customer.objects.filter(store=store, submission=submission).first()
        if twin is not None:
            return twin
        raise _number_taken() from clash
    if phone:
        Phone.objects.create(store=store, customer=customer, number=phone, kind=Phone.kind_of(phone))
    search.refresh([customer.pk])
    trail.record(by, "customer.created", customer)
    return customer


@transaction.atomic
def edit_customer(customer_id: int, *, values: Mapping[str, Any], seen: Mapping[str, str], by: Employee) -> Customer:
    """Correct facts of a card; `values` are those that the person changed, `seen` what the form had shown of them.

    Raises editing.Overlap where somebody else has changed one of them since, RuleBroken where the number is taken.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    wanted = {name: value for name, value in values.items() if name in FIELDS}
    if "number" in wanted:
        wanted["number"] = wanted["number"] or None
    changed = editing.put(customer, wanted, seen)
    if changed:
        editing.save(customer, changed, clash=_number_taken())
        trail.record(by, "customer.changed", customer, fields=changed)
        if {"name", "number"} & set(changed):
            search.refresh([customer.pk])
    return customer


@transaction.atomic
def restrict(customer_id: int, *, reason: str, by: Employee) -> Customer:
    """限制处理: keep the card but hide it and call no more; a reason is needed."""
    if not reason.strip():
        raise RuleBroken(_("Write why, for instance the customer's request and its date."), field="reason")
    return _set_restricted(customer_id, restricted=True, reason=reason, by=by)


@transaction.atomic
def unrestrict(customer_id: int, *, reason: str, by: Employee) -> Customer:
    """Take a restriction back; a reason is needed."""
    if not reason.strip():
        raise RuleBroken(_("Write why the card may be used again."), field="reason")
    return _set_restricted(customer_id, restricted=False, reason=reason, by=by)


def _set_restricted(customer_id: int, *, restricted: bool, reason: str, by: Employee) -> Customer:
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if customer.restricted == restricted:
        return customer
    customer.restricted = restricted
    customer.version += 1
    customer.save(update_fields=["restricted", "version"])
    action = "customer.restricted" if restricted else "customer.unrestricted"
    trail.record(by, action, customer, reason=reason.strip()[:200])
    return customer


@transaction.atomic
def reveal_phone(phone_id: int, *, by: Employee) -> str:
    """The full number, for whoever may dial it; every look is written to the trail."""
    phone = Phone.objects.select_related("customer").get(pk=phone_id)
    trail.record(by, "phone.revealed", phone.customer, phone=phone.pk)
    return phone.number

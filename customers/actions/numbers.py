"""A card's phone numbers and the people around the customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import formats
from crm_site.core.errors import RuleBroken
from customers import search
from customers.actions import corrections, editing
from customers.models import Contact, Customer, Phone
from customers.rules import last_day_before


def _locked(customer_id: int) -> Customer:
    return Customer.objects.locked(customer_id)


def _check_free(customer: Customer, number: str, *, but: int = 0) -> None:
    """Refuse a number that this card has already; the same number on another card is allowed (families)."""
    if customer.phones.filter(number=number).exclude(pk=but).exists():
        raise RuleBroken(_("This card has this number already."), code="number_twice", field="number")


def _insert_at(customer: Customer, phone: Phone, first: bool) -> None:
    """Put a number first or last among the customer's."""
    if first:
        customer.phones.exclude(pk=phone.pk).update(rank=F("rank") + 1)
        phone.rank = 1
    else:
        phone.rank = (
            customer.phones.exclude(pk=phone.pk).order_by("-rank").values_list("rank", flat=True).first() or 0
        ) + 1


@transaction.atomic
def add_phone(
    customer_id: int, *, number: str, first: bool, by: Employee, contact: Contact | None = None, kind: str = "",
    learned: corrections.Learned = corrections.ON_CARD,
) -> Phone:  # fmt: skip
    """Add a number to a card, or to one of its contacts; `first` puts it before the others."""
    customer = _locked(customer_id)
    _check_free(customer, number)
    if contact is not None and contact.customer_id != customer.pk:
        raise RuleBroken(_("Choose one of the entries offered here."), field="contact")
    phone = Phone(store_id=customer.store_id, customer=customer, contact=contact, number=number)
    phone.kind = kind or Phone.kind_of(number)
    _insert_at(customer, phone, first)
    phone.save(force_insert=True)
    search.refresh([customer.pk])
    entry = trail.record(by, "phone.added", customer, phone=phone.pk, **learned.detail)
    corrections.keep(entry, customer.pk, {corrections.PHONE_ADDED: ""}, by=by, learned=learned)
    end_check(customer, by=by)
    return phone


def end_check(customer: Customer, *, by: Employee) -> None:
    """The number of a card was confirmed, added or corrected: nobody needs to ask for it any more (下次进厂核对电话).

    Call it inside the transaction that did so.
    """
    if customer.check_phone_since is not None:
        customer.check_phone_since, customer.check_phone_reason = None, ""
        customer.save(update_fields=["check_phone_since", "check_phone_reason"])
        trail.record(by, "customer.phone_checked", customer)


@transaction.atomic
def edit_phone(
    phone_id: int, *, values: Mapping[str, Any], seen: Mapping[str, str], first: bool, by: Employee,
    learned: corrections.Learned = corrections.ON_CARD,
) -> Phone:  # fmt: skip
    """Correct a number (then it counts as good again), its kind, whose it is, or put it first.

    Raises editing.Overlap where somebody else has changed the same meanwhile.
    """
    customer = _locked(Phone.objects.values_list("customer_id", flat=True).get(pk=phone_id))
    phone = Phone.objects.select_for_update().get(pk=phone_id)
    before = {"phone": phone.number}
    changed = _put(phone, values, seen)
    if "number" in changed:
        _check_free(customer, values["number"], but=phone.pk)
        phone.bad_since, phone.bad_reason, phone.good_on = None, "", None
    if first and phone.rank != 1:
        _insert_at(customer, phone, first=True)
        changed.append("rank")
    if changed:
        phone.save(update_fields=[*changed, "bad_since", "bad_reason", "good_on"])
        search.refresh([customer.pk])
        entry = trail.record(by, "phone.changed", customer, phone=phone.pk, fields=changed, **learned.detail)
        if "number" in changed:
            corrections.keep(entry, customer.pk, before, by=by, learned=learned)
            end_check(customer, by=by)
    return phone


def _put(phone: Phone, values: Mapping[str, Any], seen: Mapping[str, str]) -> list[str]:
    """editing.put for a number, which people see, and are told, only as the mask leaves it."""
    masked = formats.masked_phone(phone.number)
    if seen.get("number") == masked:
        seen = {**seen, "number": phone.number}
    try:
        return editing.put(phone, values, seen)
    except editing.Overlap as overlap:
        told = {"number": masked} if "number" in overlap.standing else {}
        raise editing.Overlap(overlap.standing | told) from None


@transaction.atomic
def call_good(phone_id: int, *, by: Employee) -> Phone:
    """Take back that a number is bad: somebody was reached on it after all."""
    phone = Phone.objects.select_for_update().select_related("customer").get(pk=phone_id)
    if phone.bad_since is not None:
        phone.bad_since, phone.bad_reason = None, ""
        phone.save(update_fields=["bad_since", "bad_reason"])
        trail.record(by, "phone.found_good", phone.customer, phone=phone.pk)
        end_check(phone.customer, by=by)
    return phone


@transaction.atomic
def remove_phone(phone_id: int, *, by: Employee) -> None:
    """Take a number off its card; refused for one on which calls were made."""
    customer = _locked(Phone.objects.values_list("customer_id", flat=True).get(pk=phone_id))
    try:
        with transaction.atomic():
            customer.phones.filter(pk=phone_id).delete()
    except ProtectedError as used:
        raise RuleBroken(
            _("Calls were made on this number, so it stays on record. Correct it, or mark it as bad."), code="called"
        ) from used
    search.refresh([customer.pk])
    trail.record(by, "phone.removed", customer, phone=phone_id)


@transaction.atomic
def add_contact(customer_id: int, *, values: Mapping[str, Any], phone: str, by: Employee) -> Contact:
    """Add somebody around the customer: name, sex, identity, birthday, and a number if there is one."""
    customer = _locked(customer_id)
    if customer.contacts.filter(name=values["name"]).exists():
        raise RuleBroken(_("This card has a contact of this name already."), code="contact_twice", field="name")
    contact = Contact.objects.create(store_id=customer.store_id, customer=customer, **values)
    if phone:
        _check_free(customer, phone)
        number = Phone(store_id=customer.store_id, customer=customer, contact=contact, number=phone)
        number.kind = Phone.kind_of(phone)
        _insert_at(customer, number, first=False)
        number.save(force_insert=True)
    search.refresh([customer.pk])
    trail.record(by, "contact.added", customer, contact=contact.pk)
    return contact


@transaction.atomic
def edit_contact(contact_id: int, *, values: Mapping[str, Any], seen: Mapping[str, str], by: Employee) -> Contact:
    """Correct the facts of a contact; the roles on cars of one who is no longer there end the day before.

    Raises editing.Overlap where somebody else has changed the same facts meanwhile.
    """
    contact = Contact.objects.select_for_update().select_related("customer").get(pk=contact_id)
    before = {"contact": contact.name}
    changed = editing.put(contact, values, seen)
    if "name" in changed and contact.customer.contacts.filter(name=values["name"]).exclude(pk=contact.pk).exists():
        raise RuleBroken(_("This card has a contact of this name already."), code="contact_twice", field="name")
    if changed:
        contact.save(update_fields=changed)
        if "left_on" in changed and contact.left_on:
            _end_roles(contact, contact.left_on)
        search.refresh([contact.customer_id])
        entry = trail.record(by, "contact.changed", contact.customer, contact=contact.pk, fields=changed)
        if "name" in changed:
            corrections.keep(entry, contact.customer_id, before, by=by)
    return contact


def _end_roles(contact: Contact, left_on: date) -> None:
    for role in contact.vehicle_roles.filter(until=None):
        role.until = last_day_before(left_on, role.since)
        role.save(update_fields=["until"])

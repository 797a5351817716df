"""下次进厂核对电话: who is to be asked for their number at the next visit, and that it was done."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from customers.actions import numbers
from customers.models import Customer, Phone


@transaction.atomic
def ask_phone_check(customer_id: int, *, reason: str, by: Employee | None, on: date) -> Customer:
    """Ask reception to check the number at the next visit; `reason` is the code of the call result that said so.

    Asked for already, it stays as it was first asked: the oldest wish leads the list. `by` None is the system itself.
    """
    customer = Customer.objects.locked(customer_id)
    if customer.check_phone_since is None:
        customer.check_phone_since, customer.check_phone_reason = on, reason[:20]
        customer.save(update_fields=["check_phone_since", "check_phone_reason"])
        trail.record(by, "customer.phone_check_asked", customer, reason=customer.check_phone_reason)
    return customer


@transaction.atomic
def phone_checked(customer_id: int, *, by: Employee, number: str | None = None, on: date | None = None) -> Phone | None:
    """The customer has been asked: with `number` (cleaned digits) it becomes the one dialled first, and counts as good.

    Without a number the one that is dialled first was confirmed, on the day `on` where it is given. Ends the wish to
    check either way; gives the number that leads now, None where the card has none.
    """
    customer = Customer.objects.locked(customer_id)
    phone = _said(customer, number, by) if number else customer.phones.order_by("rank", "pk").first()
    if phone is not None and phone.bad_since is not None:
        phone = numbers.call_good(phone.pk, by=by)
    if phone is not None and on is not None:
        phone.good_on = on
        phone.save(update_fields=["good_on"])
    customer.refresh_from_db(fields=["check_phone_since", "check_phone_reason"])
    numbers.end_check(customer, by=by)
    return phone


def _said(customer: Customer, number: str, by: Employee) -> Phone:
    """The card's number as the customer said it, put first."""
    known = customer.phones.filter(number=number).first()
    if known is None:
        return numbers.add_phone(customer.pk, number=number, first=True, by=by)
    return numbers.edit_phone(known.pk, values={}, seen={}, first=True, by=by)

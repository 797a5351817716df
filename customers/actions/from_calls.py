"""What only a telephone call teaches the archive of a number: that it is bad, or good."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from customers.actions import numbers
from customers.models import Phone


@transaction.atomic
def mark_phone_bad(phone_id: int, *, reason: str, by: Employee, on: date) -> Phone:
    """Remember from which day a number is known to be bad, and by which call result; the first finding stays."""
    phone = Phone.objects.select_for_update().get(pk=phone_id)
    if phone.bad_since is None:
        phone.bad_since, phone.bad_reason = on, reason
        phone.save(update_fields=["bad_since", "bad_reason"])
        trail.record(by, "phone.found_bad", phone, reason=reason)
    return phone


@transaction.atomic
def mark_phone_good(phone_id: int, *, by: Employee, on: date) -> None:
    """Remember the last day on which the customer was reached on a number; one that was held to be bad is good again.

    The call itself stands in the trail; only a change of mind about the number is written there as well.
    """
    phone = Phone.objects.get(pk=phone_id)
    if phone.bad_since is not None:
        numbers.call_good(phone_id, by=by)
    if phone.good_on is None or phone.good_on < on:
        Phone.objects.filter(pk=phone_id).update(good_on=on)

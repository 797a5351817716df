"""净化: a number that is not the customer's, an address confirmed or found wrong, facts asked at reception."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers.actions import addresses, from_calls, phone_checks
from customers.models import Customer, FactCheck, Phone

NOT_THEIRS = "NOT_THEIRS"
#: why an address is known to be wrong: a letter came back, or the customer said so
ADDRESS_REASONS = ("RETURNED", "TOLD")


@transaction.atomic
def not_theirs(phone_id: int, *, by: Employee, on: date) -> Phone:
    """A number is not the customer's (a colleague's, the dealer's own, another's): it counts as bad, with that reason.

    A card that is left without a good number is asked for one at the next visit.
    """
    phone = from_calls.mark_phone_bad(phone_id, reason=NOT_THEIRS, by=by, on=on)
    if not phone.customer.phones.filter(bad_since=None).exists():
        phone_checks.ask_phone_check(phone.customer_id, reason=NOT_THEIRS, by=by, on=on)
    return phone


@transaction.atomic
def nobodys(phone_ids: list[int], *, by: Employee, on: date) -> int:
    """The same for one number on many cards at once; gives on how many cards it was marked."""
    waiting = Phone.objects.filter(pk__in=phone_ids, bad_since=None).order_by("pk").values_list("pk", flat=True)
    return len([not_theirs(phone_id, by=by, on=on) for phone_id in waiting])


@transaction.atomic
def confirm_address(customer_id: int, *, by: Employee, on: date) -> Customer:
    """The address was asked for and is right."""
    customer = Customer.objects.locked(customer_id)
    if not customer.address:
        raise RuleBroken(_("There is no address to confirm. Write down the one that the customer says."))
    addresses.known(customer, on=on)
    trail.record(by, "customer.address_confirmed", customer)
    _close(customer, FactCheck.Fact.ADDRESS, FactCheck.Outcome.CONFIRMED, by=by, on=on)
    return customer


@transaction.atomic
def address_bad(customer_id: int, *, reason: str, by: Employee, on: date) -> Customer:
    """The address is wrong: a letter came back, or the customer said so; reception asks for the right one."""
    if reason not in ADDRESS_REASONS:
        raise RuleBroken(_("Choose one of the entries offered here."), field="reason")
    customer = Customer.objects.locked(customer_id)
    if customer.address_bad_since is None:
        customer.address_bad_since = on
        customer.save(update_fields=["address_bad_since"])
        trail.record(by, "customer.address_found_bad", customer, reason=reason)
    ask(customer_id, FactCheck.Fact.ADDRESS, reason=reason, by=by, on=on)
    return customer


@transaction.atomic
def ask(customer_id: int, fact: str, *, reason: str, by: Employee, on: date) -> FactCheck:
    """Ask reception to ask for a fact at the next visit; asked for already, the first wish stays."""
    customer = Customer.objects.locked(customer_id)
    check, is_new = FactCheck.objects.get_or_create(
        customer=customer,
        fact=fact,
        defaults={"store_id": customer.store_id, "reason": reason, "asked_on": on, "asked_by": by},
    )
    if not is_new and check.done_on is not None:
        check.reason, check.asked_on, check.asked_by = reason, on, by
        check.done_on, check.done_by, check.outcome = None, None, ""
        check.save(update_fields=["reason", "asked_on", "asked_by", "done_on", "done_by", "outcome"])
        is_new = True
    if is_new:
        trail.record(by, "customer.fact_asked", customer, fact=fact, reason=reason)
    return check


@transaction.atomic
def asked(customer_id: int, fact: str, outcome: str, *, by: Employee, on: date) -> FactCheck:
    """The customer was asked for a fact at reception: it is right, was corrected, or was not told.

    Who would not tell is left alone for a while (rules.reception.ASK_AGAIN_DAYS): nobody likes to be asked every time.
    """
    if fact == FactCheck.Fact.ADDRESS and outcome == FactCheck.Outcome.CONFIRMED:
        confirm_address(customer_id, by=by, on=on)
        return FactCheck.objects.get(customer_id=customer_id, fact=fact)
    customer = Customer.objects.locked(customer_id)
    trail.record(by, "customer.fact_checked", customer, fact=fact, outcome=outcome)
    return _close(customer, fact, outcome, by=by, on=on)


def _close(customer: Customer, fact: str, outcome: str, *, by: Employee, on: date) -> FactCheck:
    check, _is_new = FactCheck.objects.update_or_create(
        customer=customer,
        fact=fact,
        defaults={"store_id": customer.store_id, "done_on": on, "done_by": by, "outcome": outcome},
    )
    return check

"""That an address is known to be right as of a day."""

from __future__ import annotations

from datetime import date

from customers.models import Customer, FactCheck


def known(customer: Customer, *, on: date) -> None:
    """What stands was confirmed or corrected: nobody needs to ask for it; call it in the transaction that learned it.

    An address that was taken out is not confirmed by that.
    """
    customer.address_confirmed_on = on if customer.address else None
    customer.address_bad_since = None
    customer.save(update_fields=["address_confirmed_on", "address_bad_since"])
    waiting = FactCheck.objects.filter(customer=customer, fact=FactCheck.Fact.ADDRESS, done_on=None)
    waiting.update(done_on=on, outcome=FactCheck.Outcome.CORRECTED)

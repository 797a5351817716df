"""Who of the store looks after an enterprise or an important customer (专属负责人)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers.models import Customer


@transaction.atomic
def name_keeper(customer_id: int, *, keeper: Employee | None, by: Employee, today: date) -> Customer:
    """Name who looks after a customer, or nobody; refuses somebody of another store or who has left."""
    customer = Customer.objects.locked(customer_id)
    if customer.keeper_id == (keeper.pk if keeper else None):
        return customer
    if keeper is not None and keeper.store_id != customer.store_id:
        raise RuleBroken(_("Choose somebody of this store."), field="keeper")
    if keeper is not None and keeper.left_on and keeper.left_on < today:
        raise RuleBroken(_("%(name)s has left. Choose somebody else.") % {"name": keeper.name}, field="keeper")
    before, customer.keeper = customer.keeper_id, keeper
    customer.version += 1
    customer.save(update_fields=["keeper", "version"])
    trail.record(by, "customer.keeper_named", customer, employee=(before, customer.keeper_id))
    return customer

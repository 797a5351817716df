"""Forgets a person once the archive's term is over: names, numbers and words go, marks and counts stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.accounts import data_rules
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.persons import unheard
from crm_site.privacy.models import DataRequest
from crm_site.privacy.persons import Person, person_of, rooms
from crm_site.privacy.rules import terms
from customers.models import Customer, Delivery, OrderState, RepairOrder


def last_event(person: Person) -> date | None:
    """The last delivery or settled order of a person, from which the archive's term runs."""
    deliveries = Delivery.objects.filter(customer__in=person.customer_ids).values_list("delivered_on", flat=True)
    orders = RepairOrder.objects.filter(customer__in=person.customer_ids, state=OrderState.SETTLED)
    days = [*deliveries, *(settled or came for settled, came in orders.values_list("settled_on", "checked_in_on"))]
    return max(days, default=None)


@transaction.atomic
def anonymise(
    request_id: int, *, by: Employee | None, now: datetime, hold: Callable[[], object] = unheard
) -> dict[str, int]:
    """Carry out a granted request to be erased; gives the rows emptied or removed by table. It cannot be taken back.

    `by` is None for the nightly run. Refuses before the archive's term is over and while a complaint of the person is
    open. Run again for a request that is done it changes nothing. `hold` is called first and before each long step: it
    sees that a job which does this is still ours.
    """
    hold()
    asked = DataRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if asked.state == DataRequest.State.DONE:
        return {}
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=asked.customer_id)
    person = person_of(customer, now=now, still=hold)
    _check(asked, person)
    counts: dict[str, int] = {}
    for room in rooms():
        person.still()
        for table, count in room.erase(person).items():
            counts[table] = counts.get(table, 0) + count
    today = clock.business_day(now)
    cards = Customer.objects.filter(pk__in=person.customer_ids)
    cards.update(restricted=True, anonymised_on=today)
    asked.state, asked.done_at = DataRequest.State.DONE, now
    asked.save(update_fields=["state", "done_at"])
    trail.record(by, "customer.anonymised", customer, cards=len(person.customer_ids), tables=counts, request=asked.pk)
    return counts


def _kept_until(asked: DataRequest, person: Person) -> date:
    """The day of the request, or a later one: a merge or a visit since may have begun the archive's term anew."""
    years = data_rules.of_store(asked.store_id).archive_years
    reckoned = terms.erase_from(last_event(person), years, person.today)
    return max(asked.erase_from, reckoned) if asked.erase_from else reckoned


def _check(asked: DataRequest, person: Person) -> None:
    """Whether the request may be carried out now."""
    if asked.kind != DataRequest.Kind.ERASE or asked.state != DataRequest.State.WAITING:
        raise RuleBroken(_("Only a granted request to erase the data is carried out."), code="state")
    kept_until = _kept_until(asked, person)
    if kept_until > person.today:
        text = _("The archive must be kept until %(day)s. Until then the card is restricted.")
        raise RuleBroken(text % {"day": kept_until}, code="term")
    if Complaint.objects.filter(person.owns()).open().exists():
        raise RuleBroken(_("A complaint of this customer is still open. Close it first."), code="open_complaint")

"""What a call teaches the archive: facts in passing, the right person, a booking, a mileage, a word on a ticket."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from complaints import actions as complaints
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.actions import bookings, cars, from_calls, mileage, numbers, phone_checks, told, wishes
from customers.actions.corrections import Learned
from customers.models import Contact, ContactBan, Correction, Vehicle
from revisits import asking
from revisits.models import CallAttempt, CallResult, Channel, NextStep, Revisit
from revisits.rules.outcomes import Outcome
from revisits.said import Call, Purpose


def check(result: CallResult, call: Call) -> None:
    """Refuse what only a conversation can have brought, where the result says that there was none."""
    if talked(result):
        return
    settled = next((pk for pk, word in call.purposes.items() if word in {Purpose.DONE, Purpose.REFUSED}), None)
    if settled is not None:
        text = _(
            "With this result nobody can have spoken about this purpose. "
            "Mark it “Not talked about”, or choose another result."
        )
        raise RuleBroken(text, code="not_talked", field=f"purpose_{settled}")
    if call.booking or call.mileage_km is not None or any(call.chases.values()):
        text = _(
            "With this result nobody can have told you a booking, a mileage or a word about a ticket. "
            "Empty these fields, or choose another result."
        )
        raise RuleBroken(text, code="not_talked", field="result")


def talked(result: CallResult) -> bool:
    """Whether the customer, or somebody for them, was on the line; a stranger on a wrong number tells us nothing."""
    return result.reached and result.next_step != NextStep.NEXT_NUMBER


def teach(revisit: Revisit, result: CallResult, call: Call, *, by: Employee, now: datetime) -> int | None:
    """Write down what the call says of customer, car and tickets; gives the number that was told, to be dialled next.

    Refuses what bookings, mileages and chases refuse; `field` names the part of the call form.
    """
    if result.next_step == NextStep.FINISH_SOLD and revisit.vehicle and revisit.vehicle.state == Vehicle.State.ACTIVE:
        cars.set_state(revisit.vehicle.pk, state=Vehicle.State.SOLD, by=by)
    if result.next_step == NextStep.FINISH_REFUSED and call.refuses_calls and revisit.customer_id:
        wish = {"purpose": ContactBan.Purpose.REVISIT, "channel": ContactBan.Channel.ALL, "reason": call.note}
        wishes.set_ban(revisit.customer_id, values=wish | {"since": clock.business_day(now)}, by=by)
    if talked(result):
        told.fill_gaps(revisit.customer_id, revisit.vehicle_id, call.corrections, untold=call.untold, by=by, now=now)
        _keep_told(revisit, call, by=by, now=now)
    if result.next_step == NextStep.ASK_CONTACT and revisit.customer_id:
        return _keep_contact(revisit.customer_id, revisit, call, by)
    return None


def note_number(attempt: CallAttempt, *, by: Employee) -> None:
    """Who was reached on a number that we dialled has shown that it is good; on other ways we know no number."""
    if attempt.phone_id and attempt.channel == Channel.PHONE and talked(attempt.result):
        from_calls.mark_phone_good(attempt.phone_id, by=by, on=attempt.called_on)


def ask_for_check(revisit: Revisit, result: CallResult, done: Outcome, *, by: Employee, now: datetime) -> None:
    """下次进厂核对电话: where the call ended in vain, reception asks for the number at the next visit."""
    if done.check_phone and revisit.customer_id:
        phone_checks.ask_phone_check(revisit.customer_id, reason=result.code, by=by, on=clock.business_day(now))


def _keep_told(revisit: Revisit, call: Call, *, by: Employee, now: datetime) -> None:
    """The mileage, the booking, and what the customer says about tickets that are open."""
    if call.mileage_km is not None and revisit.vehicle_id:
        mileage.told_mileage(revisit.vehicle_id, km=call.mileage_km, on=clock.business_day(now), by=by)
    if call.booking and revisit.vehicle_id:
        bookings.ask(
            revisit.vehicle_id,
            wanted_on=call.booking.on,
            wanted_at=call.booking.at,
            what=call.booking.what,
            customer_id=revisit.customer_id,
            by=by,
            now=now,
            submission=call.submission,
        )
    said = {pk: words for pk, words in call.chases.items() if words.strip()}
    for ticket in asking.open_tickets(revisit) if said else ():
        if ticket.pk in said:
            _chase(ticket.pk, said[ticket.pk], by=by, now=now)


def _chase(ticket_id: int, words: str, *, by: Employee, now: datetime) -> None:
    """The customer asks where an open ticket stands (催办)."""
    try:
        complaints.chase(ticket_id, note=words, by=by, now=now)
    except RuleBroken as refused:
        raise RuleBroken(refused.message, code=refused.code, field=f"chase_{ticket_id}") from refused


def _keep_contact(customer_id: int, revisit: Revisit, call: Call, by: Employee) -> int | None:
    """Write down who is the right one to talk to; gives their number, None where none was told."""
    name, number = call.contact_name.strip(), call.contact_phone
    if name:
        identity = Contact.Identity.BRINGER if revisit.repair_order_id else Contact.Identity.OTHER
        contact = numbers.add_contact(customer_id, values={"name": name, "identity": identity}, phone=number, by=by)
        return contact.phones.values_list("pk", flat=True).first()
    if not number:
        return None
    learned = Learned(Correction.Source.CALL, revisit.pk)
    return numbers.add_phone(customer_id, number=number, first=False, by=by, learned=learned).pk

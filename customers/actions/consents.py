"""What customers agree to and refuse, each statement kept with its day, its source and who noted it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.actions import wishes
from customers.models import Consent, ContactBan, Customer
from customers.rules.consents import Told, holds

MARKETING = Consent.Purpose.MARKETING


@transaction.atomic
def tell(
    customer_id: int, *, purpose: str, is_given: bool, source: str, by: Employee | None, now: datetime,
    told_on: date | None = None, note: str = "",
) -> Consent:  # fmt: skip
    """Note that a customer agreed to something or refused it, on a day (today unless told); nothing is overwritten.

    The same statement of the same day and source again gives the one that stands. For marketing the card's
    `marketing_consent` becomes what the latest statement says. Raises RuleBroken (field "told_on") for a day ahead.
    """
    today = clock.business_day(now)
    day = told_on or today
    if day > today:
        raise RuleBroken(_("This day lies ahead. Choose the day on which the customer said it."), field="told_on")
    customer = Customer.objects.locked(customer_id)
    said = {"purpose": purpose, "is_given": is_given, "told_on": day, "source": source}
    standing = customer.consents.filter(purpose=purpose).first()
    if standing is not None and all(getattr(standing, name) == value for name, value in said.items()):
        return standing
    made = Consent.objects.create(
        store_id=customer.store_id, customer=customer, note=note.strip()[:200], noted_at=now, noted_by=by, **said
    )
    action = "consent.given" if is_given else "consent.refused"
    trail.record(by, action, customer, purpose=purpose, source=source, day=day)
    if purpose == MARKETING:
        fold(customer)
    if purpose == Consent.Purpose.REVISIT:
        _follow_with_wish(customer, made, by=by, now=now)
    return made


def _follow_with_wish(customer: Customer, made: Consent, *, by: Employee | None, now: datetime) -> None:
    """Refusing revisit calls is a wish not to be called; agreeing takes the general one back, not a narrower one.

    A statement noted late changes nothing where a later day says otherwise.
    """
    if holds_of(customer, Consent.Purpose.REVISIT) != made.is_given:
        return
    general = customer.bans.in_force(clock.business_day(now)).filter(
        purpose=ContactBan.Purpose.REVISIT, channel=ContactBan.Channel.ALL, vehicle=None, until=None
    )
    if not made.is_given:
        wish = {"purpose": ContactBan.Purpose.REVISIT, "channel": ContactBan.Channel.ALL, "since": made.told_on}
        wishes.set_ban(customer.pk, values=wish | {"reason": made.note}, by=by)
        return
    for ban in general.filter(since__lte=made.told_on):
        wishes.lift_ban(ban.pk, by=by, now=now, reason=made.note)


def holds_of(customer: Customer, purpose: str) -> bool | None:
    """What the latest statement of a purpose says; None where nothing was said."""
    rows = customer.consents.filter(purpose=purpose).values_list("told_on", "pk", "is_given")
    return holds(Told(*row) for row in rows)


def fold(customer: Customer) -> None:
    """Let a card's `marketing_consent` say what its latest statement says; call it on a locked card."""
    told = holds_of(customer, MARKETING)
    if told is None or told == customer.marketing_consent:
        return
    customer.marketing_consent = told
    customer.version += 1
    customer.save(update_fields=["marketing_consent", "version"])

"""Making and correcting a customer's card, and restricting it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers import search
from customers.actions import addresses, consents, corrections, editing, profile
from customers.actions.classes import STATED
from customers.models import Consent, Customer, Phone

#: what a person may enter and correct on a card
FIELDS = (
    "number", "customer_type", "value_class", "name", "salutation", "sex", "birthday", "province", "city", "district",
    "address",
    "industry", "occupation", "employer", "email", "source", "hobbies", "preferred_time", "marketing_consent", "note",
)  # fmt: skip
#: who changes one of these has learned where the customer lives
ADDRESS = {"province", "city", "district", "address"}


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
    customer = Customer(store=store, submission=submission, created_at=now, created_by=by, **facts)
    _stated(customer, facts)
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
    profile.refresh_completeness(store.pk, [customer.pk])
    trail.record(by, "customer.created", customer)
    if customer.marketing_consent is not None:
        consents.tell(
            customer.pk, purpose=consents.MARKETING, is_given=customer.marketing_consent,
            source=Consent.Source.COUNTER, by=by, now=now,
        )  # fmt: skip
    return customer


@transaction.atomic
def edit_customer(
    customer_id: int,
    *,
    values: Mapping[str, Any],
    seen: Mapping[str, str],
    by: Employee,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    facts_seen: Mapping[str, str] | None = None,
    learned: corrections.Learned = corrections.ON_CARD,
) -> Customer:
    """Correct facts of a card; `values` are those that the person changed, `seen` what the form had shown of them.

    `facts` and `facts_seen` are the same for the facts that have no column, by the codes of their fields. A changed
    marketing consent is a statement of the customer and is kept as one. Raises editing.Overlap where somebody else has
    changed one of them since, RuleBroken where the number is taken, a fact is not of its kind, or what the customer
    once said would become untold.
    """
    customer = Customer.objects.locked(customer_id)
    wanted = {name: value for name, value in values.items() if name in FIELDS}
    if "number" in wanted:
        wanted["number"] = wanted["number"] or None
    before = corrections.standing(customer, wanted)
    with editing.together() as parts:
        columns = parts.of(lambda: editing.put(customer, wanted, seen))
        own = parts.of(lambda: profile.put_values(customer, facts or {}, facts_seen or {}))
    if columns or own:
        editing.save(customer, [*columns, *_stated(customer, columns)], clash=_number_taken())
        entry = trail.record(by, "customer.changed", customer, fields=[*columns, *own], **learned.detail)
        corrections.keep(entry, customer.pk, {name: before[name] for name in columns}, by=by, learned=learned)
        if ADDRESS & set(columns):
            addresses.known(customer, on=clock.business_day(entry.at))
        if "marketing_consent" in columns:
            _keep_statement(customer, by=by, now=now)
        profile.refresh_completeness(customer.store_id, [customer.pk])
        if {"name", "number"} & set(columns):
            search.refresh([customer.pk])
    return customer


def _keep_statement(customer: Customer, *, by: Employee, now: datetime) -> None:
    """Consent entered on the card was told at the counter; what was told once is not made untold."""
    if customer.marketing_consent is None:
        if customer.consents.filter(purpose=consents.MARKETING).exists():
            text = _("What the customer said stays on record. Choose what they say now.")
            raise RuleBroken(text, code="consent_told", field="marketing_consent")
        return
    consents.tell(
        customer.pk, purpose=consents.MARKETING, is_given=customer.marketing_consent,
        source=Consent.Source.COUNTER, by=by, now=now,
    )  # fmt: skip


def _stated(customer: Customer, changed: Collection[str]) -> list[str]:
    """A value class that a person sets is left by the nightly reckoning, until somebody takes it away again."""
    if "value_class" not in changed:
        return []
    customer.value_stated = bool(customer.value_class)
    customer.value_because = STATED if customer.value_stated else ""
    return ["value_stated", "value_because"]


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
    customer = Customer.objects.locked(customer_id)
    if customer.restricted == restricted:
        return customer
    customer.restricted = restricted
    customer.version += 1
    customer.save(update_fields=["restricted", "version"])
    action = "customer.restricted" if restricted else "customer.unrestricted"
    trail.record(by, action, customer, reason=reason.strip()[:200])
    return customer

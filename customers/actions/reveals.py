"""Showing a masked fact in full: with a reason, within the daily cap, written down, and told where it is unusual."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules
from crm_site.accounts.models import Employee, Role, User
from crm_site.audit import trail
from crm_site.core.compiled import compiled
from crm_site.core.errors import RuleBroken
from crm_site.notices import actions as notices
from customers.models import Contact, Customer, Phone, ProfileValue, Reveal, VehicleRole
from customers.rules import looks

#: who is told of unusual looks
TOLD = (Role.MANAGER, Role.ADMIN)

Found = tuple[str, Contact | None]


@transaction.atomic
def reveal(
    customer_id: int, fact: str, *, reason: str, note: str = "", by: Employee, now: datetime, today: date
) -> str:
    """A fact of a card in full: "phone:12", "vin:7", "birthday", "birthday:3" (a contact's), "address", ...

    `reason` is one of rules.looks.OFFERED; OTHER needs a note. Raises RuleBroken where the card has no such fact, no
    reason is given, or the person has looked at as many facts today as one may.
    """
    _check_reason(reason, note)
    customer = Customer.objects.get(pk=customer_id)
    text, contact = _read(customer, fact)
    Employee.objects.select_for_update().get(pk=by.pk)  # two looks at once are counted one after the other
    rules = data_rules.of_store(customer.store_id)
    seen = _seen_today(by, today)
    if looks.is_full(len(seen), rules.reveals_a_day, seen_before=(customer.pk, fact) in seen):
        raise RuleBroken(_cap_words(rules.reveals_a_day), code="cap")
    _write(customer, fact, contact, reason=reason, note=note, counts=True, by=by, now=now, today=today)
    if looks.is_unusual(len(seen | {(customer.pk, fact)}), rules.reveals_told_from):
        tell_unusual("looks.many", by, today, count=rules.reveals_told_from)
    return text


@transaction.atomic
def reveal_for_ticket(phone: Phone, *, by: Employee, now: datetime, today: date) -> str:
    """The number of a ticket's customer, for whoever has the ticket in hand: written down, outside the daily cap."""
    fact = f"phone:{phone.pk}"
    _write(phone.customer, fact, phone.contact, reason=looks.TICKET, note="", counts=False, by=by, now=now, today=today)
    return phone.number


@transaction.atomic
def note_vin(customer: Customer, vehicle_id: int, *, by: Employee, now: datetime, today: date) -> None:
    """That the text of a ticket for the manufacturer shows the whole VIN: written down, outside the daily cap."""
    _write(
        customer, f"vin:{vehicle_id}", None, reason=looks.TICKET, note="", counts=False, by=by, now=now, today=today
    )  # fmt: skip


def note_call(phone_ids: Iterable[int], *, by: Employee, now: datetime, today: date) -> None:
    """That a claimed call shows these numbers: written down, outside the cap; the trail has the claim itself."""
    shown = _shown(keys=sorted(set(phone_ids)))
    Reveal.objects.bulk_create(
        Reveal(
            store_id=phone.store_id,
            employee=by,
            customer_id=phone.customer_id,
            contact_id=phone.contact_id,
            fact=f"phone:{phone.pk}",
            reason=looks.CALL,
            counts=False,
            at=now,
            day=today,
        )
        for phone in shown
    )


@compiled
def _shown(*, keys: list[int]) -> QuerySet[Phone]:
    return Phone.objects.filter(pk__in=keys).order_by("pk")


def peek(customer: Customer, fact: str) -> str:
    """A fact in full for whoever masks it before showing; raises RuleBroken where the card has none."""
    return _read(customer, fact)[0]


def left_today(by: Employee, store_id: int, today: date) -> int:
    """How many more facts somebody may look at today."""
    return max(0, data_rules.of_store(store_id).reveals_a_day - len(_seen_today(by, today)))


def tell_unusual(code: str, by: Employee, today: date, *, count: int) -> None:
    """Tell the store's managers and administrators of somebody's unusual looks, once a day and kind."""
    told = User.objects.filter(is_active=True, memberships__store=by.store_id, memberships__role__in=TOLD)
    where = f"{reverse('privacy:looks')}?employee={by.pk}&since={today:%Y-%m-%d}&until={today:%Y-%m-%d}"
    for user in told.exclude(pk=by.user_id or 0).order_by("pk"):
        notices.tell(user, code, {"count": count}, url=where, kind="warn", key=f"{code}:{by.pk}:{today:%Y-%m-%d}")


def _check_reason(reason: str, note: str) -> None:
    if reason not in looks.OFFERED:
        raise RuleBroken(_("Choose why you look at it."), code="reason", field="reason")
    if reason == looks.OTHER and not note.strip():
        raise RuleBroken(_("Write why you look at it."), code="note", field="note")


def _cap_words(a_day: int) -> str:
    return _(
        "You have looked at %(count)s facts in full today, as many as one person may. Calls taken from the list show"
        " their number all the same; for anything else ask your manager, or look again tomorrow."
    ) % {"count": a_day}


def _seen_today(by: Employee, today: date) -> set[tuple[int, str]]:
    """(customer, fact) that somebody has looked at today and that count."""
    return set(Reveal.objects.filter(employee=by, day=today, counts=True).values_list("customer_id", "fact"))


def _write(
    customer: Customer, fact: str, contact: Contact | None, *, reason: str, note: str, counts: bool, by: Employee,
    now: datetime, today: date,
) -> None:  # fmt: skip
    Reveal.objects.create(
        store_id=customer.store_id,
        employee=by,
        customer=customer,
        contact=contact,
        fact=fact,
        reason=reason,
        note=note.strip()[:200],
        counts=counts,
        at=now,
        day=today,
    )
    kind, _colon, key = fact.partition(":")
    if kind == "phone":
        trail.record(by, "phone.revealed", customer, phone=int(key), reason=reason)
    else:
        trail.record(by, "customer.revealed", customer, fact=kind, reason=reason)


def _read(customer: Customer, fact: str) -> Found:
    """The fact and the contact whose it is; refuses what the card does not have."""
    kind, colon, key = fact.partition(":")
    reader = _READERS.get(kind)
    is_named = kind in _MAY_HAVE_KEY and _KEY.fullmatch(key) if colon else kind not in _KEYED
    text, contact = reader(customer, key) if reader and is_named else ("", None)
    if not text:
        raise RuleBroken(_("The card no longer has this. Open it again."), code="gone")
    return text, contact


def _phone(customer: Customer, key: str) -> Found:
    row = customer.phones.filter(pk=key).select_related("contact").first()
    return (row.number, row.contact) if row else ("", None)


def _vin(customer: Customer, key: str) -> Found:
    role = VehicleRole.objects.filter(customer=customer, vehicle_id=int(key)).select_related("vehicle").first()
    return (role.vehicle.vin or "", None) if role else ("", None)


def _birthday(customer: Customer, key: str) -> Found:
    contact = customer.contacts.filter(pk=key).first() if key else None
    born = contact.birthday if contact else None if key else customer.birthday
    return (born.isoformat(), contact) if born else ("", None)


def _identity_no(customer: Customer, _key: str) -> Found:
    return ProfileValue.objects.filter(customer=customer, field="identity_no").values_list(
        "value", flat=True
    ).first() or "", None


#: fact -> how it is read off a card
_READERS: dict[str, Callable[[Customer, str], Found]] = {
    "phone": _phone,
    "vin": _vin,
    "birthday": _birthday,
    "identity_no": _identity_no,
    "address": lambda customer, _key: (customer.address, None),
    "email": lambda customer, _key: (customer.email, None),
}
#: facts of which a card has several, named by a key
_KEYED = {"phone", "vin"}
_MAY_HAVE_KEY = {*_KEYED, "birthday"}
#: a key has one spelling: one fact is one line in the log of looks, and one look of the day's cap
_KEY = re.compile(r"[1-9][0-9]{0,17}")

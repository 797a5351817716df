"""Writing the facts of a card that have no column, and keeping 档案完整率 up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers import profile
from customers.actions.editing import Overlap
from customers.models import Customer, ProfileField, ProfileValue
from customers.rules import profile as rules

#: cards read at a time by refresh_completeness
CHUNK = 1_000


@transaction.atomic
def set_values(customer_id: int, values: Mapping[str, Any], seen: Mapping[str, str], by: Employee) -> list[str]:
    """Write facts that have no column, {field's code: value}, '' takes one out; gives the codes that changed.

    `seen` is the text that stood in each when the form was opened. Raises editing.Overlap (by code) for a fact that
    somebody has changed since, RuleBroken (field = code) for one that is not of its kind or not in force here.
    """
    customer = Customer.objects.locked(customer_id)
    changed = put_values(customer, values, seen)
    if changed:
        customer.version += 1
        customer.save(update_fields=["version"])
        trail.record(by, "customer.changed", customer, fields=changed)
        refresh_completeness(customer.store_id, [customer.pk])
    return changed


def put_values(customer: Customer, values: Mapping[str, Any], seen: Mapping[str, str]) -> list[str]:
    """As set_values, for a card that is locked already; without version, trail and completeness."""
    rows = {row.code: row for row in profile.fields_for(customer.store_id, customer.customer_type) if not row.column}
    wanted = {code: _checked(rows.get(code), code, value) for code, value in values.items()}
    standing = profile.values_of([customer.pk]).get(customer.pk, {})
    overlapping = {
        code: standing.get(code, "")
        for code, text in wanted.items()
        if standing.get(code, "") not in (seen.get(code, standing.get(code, "")), text)
    }
    if overlapping:
        raise Overlap(overlapping)
    changed = [code for code, text in wanted.items() if text != standing.get(code, "")]
    for code in changed:
        _write(customer, code, wanted[code])
    return changed


def _write(customer: Customer, code: str, text: str) -> None:
    if not text:
        ProfileValue.objects.filter(customer=customer, field=code).delete()
        return
    ProfileValue.objects.update_or_create(
        customer=customer,
        field=code,
        defaults={"value": text},
        create_defaults={"value": text, "store": customer.store},
    )


def _checked(row: ProfileField | None, code: str, value: Any) -> str:
    """A value as it is kept; refuses one that its field cannot hold."""
    if row is None:
        raise RuleBroken(_("This fact is switched off by now. Open the form again."), code="field_off", field=code)
    try:
        return rules.stored(row.kind, value, [option["code"] for option in row.options])
    except rules.Unreadable as unreadable:
        raise RuleBroken(refusal(unreadable.reason), code="field_kind", field=code) from unreadable


def refusal(reason: str) -> str:
    """What is wrong with a value and what to write instead, by the reason of rules.Unreadable."""
    return {
        rules.NUMBER: _("Write a number, such as 12 or 3.5."),
        rules.DATE: _("This is not a date. Write it like 2026-11-21."),
        rules.CHOICE: _("Choose one of the entries offered here."),
        rules.YES_NO: _("Choose yes or no."),
    }.get(reason) or _("Write at most %(n)d characters.") % {"n": rules.LONGEST}


def refresh_completeness(store_id: int, ids: Iterable[int]) -> int:
    """Reckon 档案完整率 of cards of one store anew; gives how many changed. Safe to run again, any number of cards.

    A fixed number of queries for each thousand cards; rows are locked in the order of their keys.
    """
    ordered = sorted(set(ids))
    return sum(_refresh(store_id, ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK))


@transaction.atomic
def _refresh(store_id: int, ids: list[int]) -> int:
    cards = list(Customer.objects.filter(store_id=store_id, pk__in=ids).order_by("pk"))
    states = profile.states(store_id, cards)
    moved: dict[int | None, list[int]] = defaultdict(list)
    for card in cards:
        if card.completeness != states[card.pk].per_cent:
            moved[states[card.pk].per_cent].append(card.pk)
    touched = sorted(pk for some in moved.values() for pk in some)
    list(Customer.objects.filter(pk__in=touched).order_by("pk").only("pk").select_for_update(no_key=True))
    for per_cent, some in moved.items():
        Customer.objects.filter(pk__in=some).update(completeness=per_cent)
    return len(touched)

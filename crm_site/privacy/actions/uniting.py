"""The columns of the surviving card, the consents and the occasions of calls, once two cards are one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from crm_site.accounts.models import Employee
from crm_site.privacy.actions.notes import Notes, columns_of
from crm_site.privacy.rules import merging as rules
from customers.models import Consent, Customer
from revisits.models import Revisit, Skip, State
from revisits.rules.codes import Reason
from revisits.stops import stand_alone

# ---- the card --------------------------------------------------------------------------------------------------------


def unite_cards(survivor: Customer, merged: Customer, chosen: Mapping[str, str]) -> None:
    """Write the survivor's columns as chosen and united; the merged card keeps its own, and points to the survivor."""
    values = _chosen(survivor, merged, chosen) | rules.united(survivor.__dict__, merged.__dict__)
    number = rules.side_of("number", chosen, survivor.number, merged.number)
    if number == rules.MERGED and merged.number != survivor.number:
        Customer.objects.filter(pk=merged.pk).update(number=None)  # a number stands once in a store
        values["number"] = merged.number
        merged.number = survivor.number
    Customer.objects.filter(pk=survivor.pk).update(**values, version=survivor.version + 1)
    Customer.objects.filter(pk=merged.pk).update(merged_into=survivor, number=merged.number, version=merged.version + 1)


def _chosen(survivor: Customer, merged: Customer, chosen: Mapping[str, str]) -> dict[str, Any]:
    """The columns that come from the other card."""
    values: dict[str, Any] = {}
    for choice, columns in rules.CHOICES.items():
        own, other = getattr(survivor, columns[0]), getattr(merged, columns[0])
        if choice != "number" and rules.side_of(choice, chosen, own, other) == rules.MERGED:
            values |= {name: getattr(merged, name) for name in columns}
    return values


# ---- consents --------------------------------------------------------------------------------------------------------


def refused(customer_ids: list[int]) -> set[str]:
    """The purposes that one of the cards refuses now."""
    latest: dict[tuple[int, str], bool] = {}
    rows = Consent.objects.filter(customer_id__in=customer_ids).order_by("told_on", "pk")
    for customer_id, purpose, is_given in rows.values_list("customer_id", "purpose", "is_given"):
        latest[customer_id, purpose] = is_given
    return {purpose for (_customer, purpose), is_given in latest.items() if not is_given}


def keep_refusals(
    survivor: Customer, purposes: set[str], notes: Notes, *, by: Employee, now: datetime, today: date
) -> None:
    """A purpose that either card refused is refused still, though the other one's word may be the later."""
    lost = purposes - refused([survivor.pk])
    for purpose in sorted(lost):
        last = Consent.objects.filter(customer=survivor, purpose=purpose).order_by("told_on", "pk").last()
        told = max(today, last.told_on) if last else today
        row = Consent.objects.create(
            store_id=survivor.store_id, customer=survivor, purpose=purpose, is_given=False, told_on=told,
            source=_source_of_refusal(survivor, purpose), noted_at=now, noted_by=by,
        )  # fmt: skip
        notes.made(Consent, row.pk, columns_of(Consent.objects.get(pk=row.pk)))


def _source_of_refusal(survivor: Customer, purpose: str) -> str:
    said = Consent.objects.filter(customer=survivor, purpose=purpose, is_given=False).order_by("told_on", "pk").last()
    return said.source if said else Consent.Source.COUNTER


# ---- calls -----------------------------------------------------------------------------------------------------------


def one_occasion_each(survivor_id: int, merged_id: int, notes: Notes, *, now: datetime, today: date) -> None:
    """Occasions that named the merged card name the survivor; of two calls for one occasion only one is still made."""
    old, new = f"customer:{merged_id}:", f"customer:{survivor_id}:"
    taken: dict[tuple[int, str], Revisit | None] = {}
    for model in (Skip, Revisit):
        rows: Any = model.objects.filter(customer_id=survivor_id, anchor_key__startswith=new)
        for row in rows:
            taken[row.rule_id, row.anchor_key] = row if isinstance(row, Revisit) else None
    for model in (Revisit, Skip):
        for row in model.objects.filter(customer_id=survivor_id, anchor_key__startswith=old).order_by("pk"):
            key = new + row.anchor_key.removeprefix(old)
            if (row.rule_id, key) not in taken:
                notes.changed(model, row.pk, {"anchor_key": row.anchor_key}, {"anchor_key": key})
                model.objects.filter(pk=row.pk).update(anchor_key=key)
            elif isinstance(row, Revisit):
                _make_one(taken[row.rule_id, key], row, notes, now=now, today=today)


def _make_one(own: Revisit | None, other: Revisit, notes: Notes, *, now: datetime, today: date) -> None:
    """End the call that would be made a second time: the other card's, unless that one was begun or made."""
    waiting = [row for row in (own, other) if row is not None and row.is_open]
    if len(waiting) == 2:
        waiting = [own] if own and other.tries_made > own.tries_made else [other]
    elif own is None or not waiting:
        return
    gone = waiting[0]
    if gone is None:
        return
    along = Revisit.objects.filter(Q(pk=gone.pk) | Q(head=gone))
    with notes.watching(along.filter(pk__in=list(along.values_list("pk", flat=True)))):
        stand_alone([gone.pk])
        Revisit.objects.filter(pk=gone.pk).update(
            state=State.CANCELLED, reason=Reason.DUPLICATE, ended_at=now, ended_on=today, head=None, joined_as="",
            version=gone.version + 1,
        )  # fmt: skip

"""Merging two cards of one store into one, in one transaction, with all that it takes to take it back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules, policy
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.turns import in_turn
from crm_site.privacy.actions import pairs, refusals, uniting
from crm_site.privacy.actions.moving import Mover
from crm_site.privacy.actions.notes import Notes
from crm_site.privacy.models import Merge
from crm_site.privacy.queries.cards import state_of
from crm_site.privacy.relations import Fate, of_customers
from customers import search
from customers.actions.profile import refresh_completeness
from customers.models import ClassChange, Customer
from revisits import classes
from revisits.models import Revisit


def merge(
    survivor_id: int,
    merged_id: int,
    chosen: Mapping[str, str],
    by: Employee,
    now: datetime,
    *,
    submission: uuid.UUID,
    seen: str = "",
    unlike: bool = False,
) -> Merge:
    """Make two cards one: everything that hangs on `merged` hangs on `survivor`, whose facts are as `chosen`.

    `chosen` is {choice of rules.merging.CHOICES or "profile:code": "survivor" | "merged"}; what is missing is the
    survivor's, or the other's where it has none. `seen` is queries.cards.state_of both cards as they were shown, ""
    for unseen; `unlike` says that a person and an enterprise are meant to be one. The same submission again gives the
    merge that it made. Raises RuleBroken where the cards cannot be one now.
    """
    return in_turn(
        lambda: _merge(survivor_id, merged_id, chosen, by=by, now=now, submission=submission, seen=seen, unlike=unlike)
    )


def _merge(
    survivor_id: int,
    merged_id: int,
    chosen: Mapping[str, str],
    *,
    by: Employee,
    now: datetime,
    submission: uuid.UUID,
    seen: str,
    unlike: bool,
) -> Merge:
    known = Merge.objects.filter(store_id=by.store_id, submission=submission)
    if made := known.first():
        return made
    survivor, merged = _locked(survivor_id, merged_id, now)
    if made := known.first():  # the same click, a moment earlier
        return made
    _check(survivor, merged, by, seen, unlike)
    rules = data_rules.of_store(survivor.store_id)
    merge = Merge.objects.create(
        store_id=survivor.store_id, survivor=survivor, merged=merged, chosen=dict(chosen), at=now, by=by,
        submission=submission, stood=_stood(survivor),
        undo_until=clock.business_day(now) + timedelta(days=rules.unmerge_days),
    )  # fmt: skip
    notes = Notes()
    _do(survivor, merged, chosen, notes, by=by, now=now)
    notes.keep(merge)
    trail.record(by, "customer.merged", survivor, merged=merged.pk, merge=merge.pk)
    return merge


def _locked(survivor_id: int, merged_id: int, now: datetime) -> tuple[Customer, Customer]:
    """Both cards, locked: calls first, as whoever saves a call locks them, then the cards in order of keys."""
    if survivor_id == merged_id:
        raise RuleBroken(_("These are one and the same card. Choose two cards."), code="same_card")
    ids = sorted((survivor_id, merged_id))
    calls = Revisit.objects.filter(Q(customer_id__in=ids) | Q(phone__customer_id__in=ids)).open()
    held = list(calls.order_by("pk").select_for_update(of=("self",)).select_related("claimed_by"))
    cards = {row.pk: row for row in Customer.objects.filter(pk__in=ids).order_by("pk").select_for_update()}
    if len(cards) < 2:
        raise RuleBroken(_("One of the cards is not there any more."), code="card_gone")
    for call in held:
        if call.claimed_by is not None and call.lease_until is not None and call.lease_until >= now:
            text = _("%(name)s is calling this customer right now. Merge the cards when the call is saved.")
            raise RuleBroken(text % {"name": call.claimed_by.name}, code="call_under_way")
    return cards[survivor_id], cards[merged_id]


def _check(survivor: Customer, merged: Customer, by: Employee, seen: str, unlike: bool) -> None:
    """Refuse cards that cannot be one."""
    if survivor.store_id != merged.store_id or by.store_id != survivor.store_id:
        raise RuleBroken(_("Only cards of one store can be merged."), code="other_store")
    if survivor.merged_into_id or merged.merged_into_id:
        text = _("One of the cards was merged into another one already. Open that one.")
        raise RuleBroken(text, code="merged_already")
    if survivor.anonymised_on or merged.anonymised_on:
        raise RuleBroken(_("One of the cards was anonymised and names nobody any more."), code="anonymised")
    restricted = survivor.restricted or merged.restricted
    if restricted and not policy.allows(by.user, "customers.restrict", survivor.store_id):
        raise RuleBroken(_("One of the cards is restricted. Ask a manager."), code="restricted")
    if survivor.customer_type != merged.customer_type and not unlike:
        text = _("One card is a person's, the other an enterprise's. Tick that both are meant, or leave them.")
        raise RuleBroken(text, code="unlike", field="unlike")
    if seen and seen != state_of(survivor.pk, merged.pk):
        text = _("Somebody has changed one of the cards since you opened this page. Look at both once more.")
        raise RuleBroken(text, code="stale")


def _stood(survivor: Customer) -> dict[str, list[int]]:
    """What hangs on the survivor before the merge, by table; and that it was restricted."""
    found = {refusals.RESTRICTED: [survivor.pk] if survivor.restricted else []}
    for relation in of_customers():
        if relation.rule.fate in (Fate.MOVE, Fate.TWIN):
            rows = relation.model._base_manager.filter(**{relation.column: survivor.pk}).order_by("pk")
            found[relation.name] = list(rows.values_list("pk", flat=True))
    return {name: keys for name, keys in found.items() if keys}


def _do(
    survivor: Customer, merged: Customer, chosen: Mapping[str, str], notes: Notes, *, by: Employee, now: datetime
) -> None:
    """Move, unite, and bring up to date what follows from both."""
    today, both = clock.business_day(now), [survivor.pk, merged.pk]
    refused = uniting.refused(both)
    Mover(survivor.pk, merged.pk, chosen, notes).move_all()
    pairs.follow(survivor.pk, merged.pk, notes, by=by, now=now)
    uniting.keep_refusals(survivor, refused, notes, by=by, now=now, today=today)
    uniting.one_occasion_each(survivor.pk, merged.pk, notes, now=now, today=today)
    with (
        notes.watching(ClassChange.objects.filter(customer=survivor)),
        notes.watching(Customer.objects.filter(pk__in=both)),
    ):
        uniting.unite_cards(survivor, merged, chosen)
        classes.refresh(survivor.store_id, [survivor.pk], today)
        refresh_completeness(survivor.store_id, [survivor.pk])
    search.refresh(both)


# ---- rows that came late ---------------------------------------------------------------------------------------------


def left_behind(store_id: int) -> list[int]:
    """The merged cards of a store to which something points all the same: written the moment they were merged."""
    found: set[int] = set()
    for relation in of_customers():
        if relation.rule.fate in (Fate.MOVE, Fate.TWIN):
            path = relation.model._meta.get_field(relation.column).name
            rows = relation.model._base_manager.filter(**{f"{path}__merged_into__isnull": False})
            found.update(rows.filter(**{f"{path}__store_id": store_id}).values_list(relation.column, flat=True))
    return sorted(found)


def catch_up(merged_id: int) -> int:
    """Move what still points to a merged card, and note it with its merge; gives 1 where there was such a card."""
    merge = Merge.objects.filter(merged_id=merged_id, undone_at=None).first()
    if merge is None:
        return 0
    list(Customer.objects.filter(pk__in=[merge.survivor_id, merged_id]).order_by("pk").select_for_update())
    card = Customer.objects.get(pk=merged_id)
    notes = Notes(after=merge.rows.count())
    Mover(card.merged_into_id or merge.survivor_id, merged_id, merge.chosen, notes).move_all()
    notes.keep(merge)
    search.refresh([card.merged_into_id or merge.survivor_id])
    return 1

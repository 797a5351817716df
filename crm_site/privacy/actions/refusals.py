"""What a customer refused while two cards were one: taking the merge back leaves it in force for both cards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.privacy.actions import uniting
from crm_site.privacy.models import Merge
from crm_site.privacy.relations import name_of
from crm_site.privacy.rules.merging import Why
from customers.actions import cards, consents, wishes
from customers.models import Consent, ContactBan, Customer, VehicleRole

#: under which name a merge keeps that the survivor was restricted before it (Merge.stood)
RESTRICTED = "restricted"


def hold_for_both(merge: Merge, stayed: list[list[Any]], *, by: Employee, now: datetime) -> None:
    """Give the card that goes its own way again every refusal that was born while nobody could tell the two apart.

    Whom of the two somebody meant who said "do not call me" is not known: a refusal too many does no harm, one that
    is lost does. Call it when the rows stand again; `stayed` is what unmerging lists.
    """
    born = {model: _born(stayed, model) for model in (ContactBan, Consent)}
    _wishes(merge, born[ContactBan], by, now)
    _consents(merge, born[Consent], by, now)
    survivor = Customer.objects.get(pk=merge.survivor_id)
    if survivor.restricted and RESTRICTED not in merge.stood:
        text = _("Restricted while it was one card with #%(card)s")
        cards.restrict(merge.merged_id, reason=text % {"card": survivor.pk}, by=by)


def _born(stayed: list[list[Any]], model: type[ContactBan] | type[Consent]) -> list[int]:
    relation = name_of(model, "customer_id")
    return [row for name, row, why in stayed if name == relation and why == Why.BORN]


def _wishes(merge: Merge, born: list[int], by: Employee, now: datetime) -> None:
    theirs = VehicleRole.objects.filter(customer=merge.merged_id).values_list("vehicle_id", flat=True)
    rows = ContactBan.objects.filter(pk__in=born, lifted_at=None).select_related("vehicle").order_by("pk")
    for row in rows:
        is_over = row.until is not None and row.until < clock.business_day(now)
        if not is_over and (row.vehicle_id is None or row.vehicle_id in theirs):
            names = ("purpose", "channel", "vehicle", "since", "until", "reason")
            wishes.set_ban(merge.merged_id, values={name: getattr(row, name) for name in names}, by=by)


def _consents(merge: Merge, born: list[int], by: Employee, now: datetime) -> None:
    """The purposes that the survivor refuses by a word of the time in between."""
    refused = uniting.refused([merge.survivor_id])
    rows = Consent.objects.filter(pk__in=born, is_given=False, purpose__in=refused).order_by("told_on", "pk")
    for row in {one.purpose: one for one in rows}.values():
        consents.tell(
            merge.merged_id, purpose=row.purpose, is_given=False, source=row.source, told_on=row.told_on,
            note=row.note, by=by, now=now,
        )  # fmt: skip

"""Rows that came to the survivor after a merge: they stay there when it is taken back, and are listed."""

from __future__ import annotations

from typing import Any

from crm_site.privacy.models import Merge
from crm_site.privacy.relations import Fate, name_of, of_customers
from crm_site.privacy.rules.merging import Why
from customers.models import Contact, Phone, VehicleRole
from revisits.models import CALLABLE_STATES, Revisit, State
from revisits.rules.codes import Reason
from revisits.stops import stand_alone


def born_since(merge: Merge, made: set[tuple[str, int]]) -> list[list[Any]]:
    """What hangs on the survivor now and did not before the merge: [[relation, row, why]]."""
    found: list[list[Any]] = []
    for relation in of_customers():
        if relation.rule.fate not in (Fate.MOVE, Fate.TWIN):
            continue
        rows = relation.model._base_manager.filter(**{relation.column: merge.survivor_id}).order_by("pk")
        stood = set(merge.stood.get(relation.name, ()))
        label = name_of(relation.model)
        found += [
            [relation.name, pk, Why.BORN.value]
            for pk in rows.values_list("pk", flat=True)
            if pk not in stood and (label, pk) not in made
        ]
    return found


def settle(merge: Merge, stayed: list[list[Any]]) -> None:
    """Let no row that stayed hang half on the other card: what belongs to a contact goes along with the contact.

    A call born since that would dial a number of the card that goes its own way again dials the survivor's own.
    """
    born = {(relation, row) for relation, row, why in stayed if why == Why.BORN}
    for model in (Phone, VehicleRole):
        mine = [row for relation, row in born if relation == name_of(model, "customer_id")]
        theirs = Contact.objects.filter(customer_id=merge.merged_id)
        model.objects.filter(pk__in=mine, contact__in=theirs).update(customer_id=merge.merged_id)
    calls = [row for relation, row in born if relation == name_of(Revisit, "customer_id")]
    waiting = Revisit.objects.filter(pk__in=calls, phone__customer_id=merge.merged_id, state__in=CALLABLE_STATES)
    own = Phone.objects.filter(customer_id=merge.survivor_id, contact=None).dialable().first()
    ids = list(waiting.values_list("pk", flat=True))
    if own is not None:
        waiting.filter(pk__in=ids).update(phone=own)
    elif ids:
        stand_alone(ids)
        waiting.filter(pk__in=ids).update(phone=None, state=State.NO_NUMBER, reason=Reason.NO_PHONE)
